import { freshToken } from '../../testkit/fresh-token.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { onWire, WIRES } from '../../testkit/wires.ts'

describe.each(WIRES)('the plugin in a plugin server of its own, on %s', (wire) => {
  let stack: Loopback
  beforeAll(async () => {
    stack = await startOnLoopback({
      plugin: onWire(wire),
      entities: serviceWith({ '/items': BASE_CONFIG }),
    })
  })
  afterAll(() => stack.stop())

  const call = (headers: Record<string, string>) => fetch(`${stack.url}/items`, { headers })

  test('lets a valid token through once', async () => {
    const authorization = `OathMesh ${freshToken()}`
    expect((await call({ authorization })).status).toBe(200)
    const again = await call({ authorization })
    expect(again.status).toBe(401)
    expect(await again.json()).toMatchObject({ error: 'replay_detected', step: 13 })
    expect(again.headers.get('www-authenticate')).toBe('OathMesh realm="kong"')
  })

  test('lets exactly one of 100 concurrent uses of a token through', async () => {
    const authorization = `OathMesh ${freshToken()}`
    const before = stack.seen.length
    const answers = await Promise.all(Array.from({ length: 100 }, () => call({ authorization })))
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 401)).toHaveLength(99)
    expect(stack.seen.length - before).toBe(1)
  })

  test('shows the upstream who called and not how', async () => {
    const authorization = `OathMesh ${freshToken()}`
    await call({ authorization, 'x-oathmesh-tenant': 'evil', 'x-oathmesh-subject': 'evil' })
    const { headers } = stack.seen.at(-1) ?? { headers: {} }
    expect(headers).toMatchObject({
      'x-oathmesh-subject': 'agent://ci/deploy-bot',
      'x-oathmesh-decision': 'allow',
    })
    expect(headers).not.toHaveProperty('authorization')
    expect(headers).not.toHaveProperty('x-oathmesh-tenant')
  })

  test('writes one audit line per decision to Kong’s log', async () => {
    const line = await stack.logged(/notice .*"reason":"jti_replay"/)
    expect(JSON.parse(line.slice(line.indexOf('{')))).toMatchObject({ event: 'deny', step: 13 })
  })
})
