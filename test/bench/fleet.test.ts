import { MEASURED } from '../../bench/fleet/costs.ts'
import { type Fleet, simulate } from '../../bench/fleet/simulate.ts'
import { Chance } from '../lib/keys/differential/chance.ts'

const FLEET: Fleet = {
  nodes: 2,
  workers: 1,
  perSecond: 2000,
  repeated: 0,
  seconds: 20,
  recordSeconds: 120,
}
const outcomeOf = (changes: Partial<Fleet> = {}) => {
  const chance = new Chance(1)
  return simulate(
    { ...FLEET, ...changes },
    MEASURED,
    () => chance.bytes(6).readUIntBE(0, 6) / 2 ** 48,
  )
}

describe('the simulation of a fleet', () => {
  test('keeps workers and Redis busy by as much as the calls cost', () => {
    const { workerLoad, redisLoad, refused } = outcomeOf()
    expect(workerLoad).toBeCloseTo((1000 * MEASURED.serverMicros) / 1e6, 1)
    expect(redisLoad).toBeCloseTo((2000 * MEASURED.claimMicros) / 1e6, 2)
    expect(refused).toBe(0)
  })

  test('adds no less than the work and the way to Redis', () => {
    const { serverMicros, claimMicros, roundTripMicros } = MEASURED
    const least = (serverMicros + claimMicros + roundTripMicros) / 1000
    expect(outcomeOf().p50Ms).toBeGreaterThanOrEqual(least)
    expect(outcomeOf({ perSecond: 10 }).p50Ms).toBeCloseTo(least, 2)
  })

  test('has whoever is left do the work of a node that is gone', () => {
    expect(outcomeOf({ nodeLostAt: 0 }).workerLoad).toBeCloseTo(2 * outcomeOf().workerLoad, 1)
  })

  test('refuses what is not known while Redis is away, and passes the rest', () => {
    const away = [5, 15] as const
    const none = outcomeOf({ away })
    expect(none.refused / (none.allowed + none.refused)).toBeCloseTo(0.5, 1)
    const half = outcomeOf({ away, repeated: 0.5 })
    expect(half.refused / (half.allowed + half.refused)).toBeCloseTo(0.25, 1)
  })

  test('keeps in Redis what lives', () => {
    expect(outcomeOf().redisMegabytes).toBeCloseTo((2000 * 120 * MEASURED.recordBytes) / 1e6)
  })
})
