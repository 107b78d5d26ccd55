import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { freePort } from '../../testkit/listen.ts'
import { RedisServer, until } from '../../testkit/redis-server.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const WAIT_MS = 30_000

let stack: Loopback
let redis: RedisServer | undefined
let port: number
let metrics: string

beforeAll(async () => {
  port = await freePort()
  const issuers = [{ issuer: 'https://issuer.example.test', jwks_uri: 'http://127.0.0.1:9/none' }]
  stack = await startOnLoopback({
    plugin: { flags: ['--metrics', '127.0.0.1:0'] },
    entities: serviceWith({
      '/redis': {
        ...BASE_CONFIG,
        deadline_ms: 10_000,
        replay: { store: 'redis' },
        redis: { host: '127.0.0.1', port, timeout: 2000 },
      },
      '/keys': { ...BASE_CONFIG, issuers, keys: { allow_http: true } },
    }),
  })
  const line = await stack.logged(/metrics are served/)
  metrics = `http://${/at="([^"]+)"/.exec(line)?.[1]}`
})
afterAll(async () => {
  closeHttpCalls()
  await stack?.stop()
  await redis?.stop()
})

const call = (path: string) =>
  httpCall(stack.url, { path, headers: ['Authorization', `OathMesh ${freshToken()}`] })

async function ask(path: string): Promise<readonly [number, string]> {
  const answer = await fetch(`${metrics}${path}`)
  return [answer.status, await answer.text()]
}

const NO_REDIS = () => `Redis 127.0.0.1:${port} was never reached`
const NO_KEYS = 'the keys of https://issuer.example.test were never fetched'

// One story, in this order.
test('a plugin server without instances is ready', async () => {
  expect(await ask('/readyz')).toEqual([200, 'ready\n'])
})

test('it is not ready while none of its instances can decide, and alive all the same', async () => {
  expect((await call('/redis')).status).toBe(503)
  expect((await call('/keys')).status).toBe(503)

  const [status, text] = await ask('/readyz')
  expect(status).toBe(503)
  expect(text.split('\n').sort()).toEqual(['', NO_REDIS(), 'not ready', NO_KEYS].sort())
  expect((await ask('/healthz'))[0]).toBe(200)
})

test('it is ready as soon as one can, and still names what the other lacks', async () => {
  redis = await RedisServer.start({ port })
  await until(async () => (await call('/redis')).status === 200, WAIT_MS)

  expect(await ask('/readyz')).toEqual([200, `ready\n${NO_KEYS}\n`])
})

test('it stays ready and alive while a Redis that was there is away, and its metrics say so', async () => {
  const up = async () => /^oathmesh_redis_up\{.*\} (\d)$/m.exec((await ask('/metrics'))[1])?.[1]
  expect(await up()).toBe('1')
  await redis?.kill()
  await until(async () => (await up()) === '0', WAIT_MS)

  expect((await call('/redis')).status).toBe(503)
  expect((await ask('/readyz'))[0]).toBe(200)
  expect((await ask('/healthz'))[0]).toBe(200)
  const [, text] = await ask('/metrics')
  expect(text).toMatch(/^oathmesh_redis_transitions_total\{.*to="away"\} [1-9]/m)
  expect(text).toMatch(/^oathmesh_jwks_fetches_total\{.*result="failed"\} [1-9]/m)
})
