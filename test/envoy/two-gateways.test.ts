import { type EnvoyStack, startEnvoyStack } from '../../testkit/envoy-stack.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { RedisServer, until } from '../../testkit/redis-server.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const USES = 500

/** Kong's stand-in with the plugin and a real Envoy with the service, on one Redis. */
describe('Kong and Envoy on one Redis', () => {
  let redis: RedisServer
  let kong: Loopback
  let envoy: EnvoyStack

  beforeAll(async () => {
    redis = await RedisServer.start()
    const config = {
      ...BASE_CONFIG,
      deadline_ms: 10_000,
      replay: { store: 'redis' },
      redis: { host: redis.host, port: redis.port, timeout: 5000 },
    }
    kong = await startOnLoopback({ entities: serviceWith({ '/': config }) })
    envoy = await startEnvoyStack({
      policies: { default: config },
      change: (_, manager) => {
        for (const { typed_config: filter } of manager.http_filters) {
          // On two busy cores five hundred calls at once take their time.
          if ('grpc_service' in filter) filter.grpc_service.timeout = '20s'
        }
      },
    })
    // History begins a second after an empty Redis has been met: tokens from before are refused, by both.
    for (const url of [kong.url, envoy.url]) {
      const passes = async () => {
        const headers = ['Authorization', `OathMesh ${freshToken()}`]
        return (await httpCall(url, { headers })).status === 200
      }
      await until(passes, 20_000)
    }
    kong.seen.length = 0
    envoy.seen.length = 0
  })
  afterAll(async () => {
    closeHttpCalls()
    await kong.stop()
    await envoy.stop()
    await redis.stop()
  })

  test(`of ${USES} uses of one token at the same time, one passes`, async () => {
    const headers = ['Authorization', `OathMesh ${freshToken()}`]
    const answers = await Promise.all(
      Array.from({ length: USES }, (_, at) =>
        httpCall(at % 2 === 0 ? kong.url : envoy.url, { headers }),
      ),
    )
    const passed = answers.filter(({ status }) => status === 200)
    expect(passed).toHaveLength(1)
    expect(kong.seen.length + envoy.seen.length).toBe(1)
    const refused = answers.filter(({ status, text }) => {
      return status === 401 && JSON.parse(text).error === 'replay_detected'
    })
    expect(refused).toHaveLength(USES - 1)
  })

  test('a token spent at one is refused at the other', async () => {
    for (const [first, second] of [
      [kong, envoy],
      [envoy, kong],
    ] as const) {
      const headers = ['Authorization', `OathMesh ${freshToken()}`]
      expect((await httpCall(first.url, { headers })).status).toBe(200)
      expect((await httpCall(second.url, { headers })).status).toBe(401)
    }
  })
})
