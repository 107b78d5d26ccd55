import { until } from '../../../testkit/redis-server.ts'
import {
  startTlsCluster,
  startTlsSentinel,
  type TlsEstate,
} from '../../../testkit/redis-tls-estates.ts'
import { Harness } from './harness.ts'

const UP_MS = 20_000

describe.each([
  ['a Cluster', startTlsCluster],
  ['a master behind Sentinel', startTlsSentinel],
])('%s over TLS', (_, start) => {
  let estate: TlsEstate
  beforeAll(async () => {
    estate = await start()
  }, 60_000)
  afterAll(() => estate.stop())

  test('takes each token once, when authority and name are trusted', async () => {
    const { caFile } = estate.certificates
    const harness = await Harness.open({ ...estate.settings, caFile, serverName: 'redis.test' })
    let n = 0
    const fresh = async () => (await harness.claim(harness.use(`first ${n++}`))) === 'fresh'
    await until(fresh, UP_MS)
    const uses = Array.from({ length: 30 }, (_, at) => harness.use(`spread ${at}`))
    const claim = (use: (typeof uses)[number]) => harness.claim(use)
    expect(new Set(await Promise.all(uses.map(claim)))).toEqual(new Set(['fresh']))
    expect(new Set(await Promise.all(uses.map(claim)))).toEqual(new Set(['seen']))
    await harness.replay.close()
  })

  test.each([
    ['an authority that nobody trusts', () => ({ serverName: 'redis.test' })],
    [
      'a name that is not in the certificate',
      () => ({ caFile: estate.certificates.caFile, serverName: 'other.test' }),
    ],
    ['no TLS at all', () => ({ ssl: false })],
  ])('takes none by %s, and says so', async (_, settings) => {
    const harness = await Harness.open({ ...estate.settings, ...settings() })
    expect(await harness.claim(harness.use('refused'))).toBe('unavailable')
    await until(() => harness.lines.some((line) => line.includes('Redis cannot be used')), UP_MS)
    await harness.replay.close()
  })
})
