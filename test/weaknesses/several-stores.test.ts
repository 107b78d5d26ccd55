import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { RedisServer } from '../../testkit/redis-server.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

// One audience over several stores accepts a token once in each. The operator is told, in Kong's log.

const WARNING = /one audience has several replay stores/
let redis: RedisServer

beforeAll(async () => {
  redis = await RedisServer.start()
})
afterAll(async () => {
  closeHttpCalls()
  await redis.stop()
})

type Part = Readonly<Record<string, unknown>>

const over = (replay: Part, server: Part = {}) => ({
  ...BASE_CONFIG,
  replay: { store: 'redis', ...replay },
  redis: { host: redis.host, port: redis.port, ...server },
})

/** The log of a gateway with these entities on a route each, once each has had a call. */
async function logOf(...configs: readonly object[]): Promise<readonly string[]> {
  const routes = Object.fromEntries(configs.map((config, at) => [`/r${at}`, config]))
  const stack = await startOnLoopback({ entities: serviceWith(routes) })
  for (const path of Object.keys(routes)) {
    await httpCall(stack.url, { path, headers: ['Authorization', `OathMesh ${freshToken()}`] })
  }
  await stack.stop()
  return stack.log
}

test.each<[string, () => readonly object[]]>([
  ['memory and Redis', () => [BASE_CONFIG, over({})]],
  ['two key formats', () => [over({}), over({ key_format: 'jti' })]],
  ['two databases', () => [over({}), over({}, { database: 1 })]],
  ['two servers', () => [over({}), over({}, { host: '127.0.0.2' })]],
  ['two ports', () => [over({}), over({}, { port: 1 })]],
])('%s for one audience are a warning', async (_, configs) => {
  const warnings = (await logOf(...configs())).filter((line) => WARNING.test(line))
  expect(warnings.length).toBeGreaterThan(0)
  expect(warnings[0]).toContain(BASE_CONFIG.audience)
})

test.each<[string, () => readonly object[]]>([
  ['memory twice', () => [BASE_CONFIG, { ...BASE_CONFIG, clock_skew_leeway: 10 }]],
  ['one Redis twice', () => [over({}), over({ known_good_window: 0 }, { timeout: 50 })]],
  ['two audiences', () => [BASE_CONFIG, { ...over({}), audience: 'https://other.internal' }]],
])('%s are none', async (_, configs) => {
  expect((await logOf(...configs())).filter((line) => WARNING.test(line))).toEqual([])
})
