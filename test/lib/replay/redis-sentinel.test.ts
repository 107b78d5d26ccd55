import { SentinelEstate } from '../../../testkit/redis-estates.ts'
import { until } from '../../../testkit/redis-server.ts'
import { Harness } from './harness.ts'
import { Load, report } from './load.ts'

const FAILOVER_MS = 40_000
const FLOOD = `for n = 1, 30 do redis.call('set', 'flood', string.rep('x', 1000000)) end`

describe('Redis behind Sentinel', () => {
  let estate: SentinelEstate
  let harness: Harness

  beforeEach(async () => {
    estate = await SentinelEstate.start()
    harness = await Harness.open(estate.settings, { knownGoodSeconds: 0 })
  })

  afterEach(async () => {
    await harness.replay.close()
    await estate.stop()
  })

  test('resumes by itself after the loss of the master, and accepts no token twice', async () => {
    await using load = new Load(harness)
    await until(() => load.accepted.length > 20, 5000)
    await estate.master.kill()
    const killedAt = performance.now()
    const tookMs = await until(() => load.acceptedSince(killedAt + 100), FAILOVER_MS)
    report('Sentinel failover, loss to first acceptance', tookMs)
    expect(load.unavailable).toBeGreaterThan(0)
    expect(await load.stop()).toBe(1)
  })

  test('refuses what the promoted replica has never heard of', async () => {
    estate.replica.signal('SIGSTOP')
    // More than sockets hold: what comes after it is still in the master's memory when that dies.
    await estate.master.cli('eval', FLOOD, '0')
    const lost = harness.use('not replicated')
    expect(await harness.claim(lost)).toBe('fresh')
    await estate.master.kill()
    estate.replica.signal('SIGCONT')
    await until(async () => {
      return (await harness.claim(harness.use('finds out'))) === 'history_unknown'
    }, FAILOVER_MS)
    // Another process, which never saw the former master, refuses it as well.
    const other = await Harness.open(estate.settings)
    expect(await other.claim(lost)).toBe('history_unknown')
    await other.replay.close()
    expect(await harness.claim(lost)).not.toBe('fresh')
    harness.nowMs += 1000
    expect(await harness.claim(harness.use('later'))).toBe('fresh')
  })

  test('follows a planned failover', async () => {
    await using load = new Load(harness)
    await until(() => load.accepted.length > 5, 5000)
    await estate.promote(FAILOVER_MS)
    const promotedAt = performance.now()
    const tookMs = await until(() => load.acceptedSince(promotedAt + 1000), FAILOVER_MS)
    report('planned failover, promotion to acceptance a second later or more', tookMs)
    expect(await load.stop()).toBe(1)
    // A full resynchronisation empties a replica for a moment.
    const epoch = async () =>
      /^\d+ \w+$/.test(await estate.replica.cli('get', 'oathmesh:replay:epoch'))
    await until(epoch, FAILOVER_MS)
  })
})
