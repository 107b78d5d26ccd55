import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, type HttpAnswer, httpCall } from '../../testkit/http-call.ts'
import { RedisServer, until } from '../../testkit/redis-server.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG, readVectors, tokenOf, type Vector } from '../../testkit/vectors.ts'
import { onWire, WIRES } from '../../testkit/wires.ts'

const withRedis = (redis: RedisServer) => ({
  ...BASE_CONFIG,
  // Generous: on a busy machine a slow Redis must not look like one that is away.
  deadline_ms: 10_000,
  replay: { store: 'redis' },
  redis: { host: redis.host, port: redis.port, timeout: 2000 },
})

const call = (stack: Loopback, token: string): Promise<HttpAnswer> =>
  httpCall(stack.url, { path: '/items', headers: ['Authorization', `OathMesh ${token}`] })

const codeOf = ({ text }: HttpAnswer) => (JSON.parse(text) as { error?: string }).error

describe.each(WIRES)('two gateways with a plugin server each, on one Redis and %s', (wire) => {
  let redis: RedisServer
  let stacks: readonly Loopback[]

  beforeAll(async () => {
    redis = await RedisServer.start()
    const entities = serviceWith({ '/items': withRedis(redis) })
    const plugin = onWire(wire)
    stacks = [
      await startOnLoopback({ plugin, entities }),
      await startOnLoopback({ plugin, entities }),
    ]
    // The first claim on an empty Redis begins its history; tokens from before are not accepted.
    for (const stack of stacks)
      await until(async () => (await call(stack, freshToken())).status === 200, 5000)
  })
  afterAll(async () => {
    closeHttpCalls()
    for (const stack of stacks) await stack.stop()
    await redis.stop()
  })

  test('let exactly one of 500 parallel uses of a token through', async () => {
    const token = freshToken()
    const uses = Array.from({ length: 500 }, (_, at) => call(stacks[at % 2] as Loopback, token))
    const statuses = (await Promise.all(uses)).map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 401)).toHaveLength(499)
  })

  test('refuse a revoked subject at its next call, with 403 and step 13', async () => {
    const claims = { sub: 'svc://to-be/revoked' }
    expect((await call(stacks[0] as Loopback, freshToken(claims))).status).toBe(200)
    await redis.cli('hset', 'oathmesh:revocations', claims.sub, '2026-11-24T00:00:00Z')
    for (const stack of stacks) {
      const answer = await call(stack, freshToken(claims))
      expect([answer.status, JSON.parse(answer.text)]).toEqual([
        403,
        expect.objectContaining({ error: 'subject_revoked', step: 13 }),
      ])
    }
    await redis.cli('hdel', 'oathmesh:revocations', claims.sub)
    await until(
      async () => (await call(stacks[0] as Loopback, freshToken(claims))).status === 200,
      5000,
    )
  })

  const revoked = readVectors()
    .flatMap(({ cases }) => cases)
    .filter((vector): vector is Vector & { revoked: string[] } => vector.revoked !== undefined)

  test.each(revoked)('vector: $name', async (vector) => {
    const subjects = vector.revoked
    for (const subject of subjects) await redis.cli('hset', 'oathmesh:revocations', subject, 'now')
    const claims = typeof vector.token === 'object' ? vector.token.claims : undefined
    const token = freshToken({ sub: 'agent://repo/acme/deploy-bot', ...claims })
    for (let use = 0; use < (vector.uses ?? 0); use++) await call(stacks[0] as Loopback, token)
    const answer = await call(stacks[1] as Loopback, token)
    await redis.cli('del', 'oathmesh:revocations')
    expect(tokenOf(vector)).toMatch(/^ey/)
    if (vector.expect === 'allow') expect(answer.status).toBe(200)
    else expect([answer.status, codeOf(answer)]).toEqual([vector.expect.status, vector.expect.code])
  })

  test('when Redis dies: known tokens pass and say so, new ones get 503, used ones stay used', async () => {
    const [stack] = stacks as [Loopback]
    const known = freshToken()
    expect((await call(stack, known)).status).toBe(200)
    expect((await call(stack, known)).status).toBe(401)
    await redis.kill()
    expect((await call(stack, known)).status).toBe(200)
    await stack.logged(/"event":"allow".*"degraded":true/)
    const fresh = await call(stack, freshToken())
    expect([fresh.status, codeOf(fresh), fresh.headers['retry-after']]).toEqual([
      503,
      'verification_failed',
      '1',
    ])
    await stack.logged(/"reason":"replay_store_unavailable"/)
    // The other gateway has not verified it, so it does not know it.
    expect((await call(stacks[1] as Loopback, known)).status).toBe(503)
  })
})
