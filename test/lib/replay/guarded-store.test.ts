import { Breaker } from '../../../lib/replay/breaker.ts'
import { GuardedReplayStore } from '../../../lib/replay/guarded-store.ts'
import { KnownGood } from '../../../lib/replay/known-good.ts'
import type { ReplayStore, UseOutcome } from '../../../lib/replay/replay-store.ts'
import { RevokedSubjects } from '../../../lib/revocation/revoked-subjects.ts'
import { NOW, tokenUse } from './token-use.ts'

/** Says what it is told to say, and counts how often it is asked. */
class ScriptedStore implements ReplayStore {
  says: UseOutcome | Error = 'fresh'
  asked = 0

  async claim(): Promise<UseOutcome> {
    this.asked += 1
    if (this.says instanceof Error) throw this.says
    return this.says
  }
}

describe('a guarded replay store', () => {
  let store: ScriptedStore
  let revoked: RevokedSubjects
  let guarded: GuardedReplayStore
  let elapsedMs: number
  let degraded: string[]

  const guard = (knownGoodSeconds: number) =>
    new GuardedReplayStore({
      store,
      breaker: new Breaker({ stopwatch: () => elapsedMs, random: () => 0 }),
      knownGood: new KnownGood(100),
      knownGoodSeconds,
      revoked,
      onDegraded: (outcome) => degraded.push(outcome),
    })

  beforeEach(() => {
    store = new ScriptedStore()
    revoked = new RevokedSubjects()
    elapsedMs = 1_000_000
    degraded = []
    guarded = guard(60)
  })

  test.each<UseOutcome>(['fresh', 'seen', 'revoked', 'history_unknown', 'full'])(
    'passes on what the store says: %s',
    async (outcome) => {
      store.says = outcome
      expect(await guarded.claim(tokenUse(), NOW)).toBe(outcome)
    },
  )

  test('calls a replay a replay while the store answers', async () => {
    await guarded.claim(tokenUse(), NOW)
    store.says = 'seen'
    expect(await guarded.claim(tokenUse(), NOW + 1)).toBe('seen')
  })

  test('lets a known-good token pass from the first failed claim on', async () => {
    await guarded.claim(tokenUse(), NOW)
    store.says = 'unavailable'
    expect(await guarded.claim(tokenUse(), NOW + 1)).toBe('known_good')
    expect(await guarded.claim(tokenUse({ token: 'new' }), NOW + 1)).toBe('unavailable')
  })

  test('lets it pass for sixty seconds after the verification, however often it is used', async () => {
    await guarded.claim(tokenUse(), NOW)
    store.says = 'unavailable'
    for (let age = 1; age < 60; age += 1) {
      expect(await guarded.claim(tokenUse(), NOW + age)).toBe('known_good')
    }
    expect(await guarded.claim(tokenUse(), NOW + 61)).toBe('unavailable')
  })

  test.each<UseOutcome>(['seen', 'revoked', 'history_unknown', 'full'])(
    'does not hold a token for good that was once %s',
    async (outcome) => {
      store.says = outcome
      await guarded.claim(tokenUse(), NOW)
      store.says = 'unavailable'
      expect(await guarded.claim(tokenUse(), NOW)).toBe('unavailable')
    },
  )

  test('lets nobody pass when the window is off', async () => {
    guarded = guard(0)
    await guarded.claim(tokenUse(), NOW)
    store.says = 'unavailable'
    expect(await guarded.claim(tokenUse(), NOW)).toBe('unavailable')
  })

  test('keeps out a subject that is known to be revoked', async () => {
    await guarded.claim(tokenUse(), NOW)
    revoked.learn('agent://alice', true, NOW + 1)
    store.says = 'unavailable'
    expect(await guarded.claim(tokenUse(), NOW + 59)).toBe('revoked')
  })

  test('stops asking after three failures and asks once when it is time', async () => {
    store.says = 'unavailable'
    for (let n = 0; n < 10; n += 1) await guarded.claim(tokenUse(), NOW)
    expect(store.asked).toBe(3)
    elapsedMs += 30_000
    await Promise.all(Array.from({ length: 10 }, () => guarded.claim(tokenUse(), NOW)))
    expect(store.asked).toBe(4)
  })

  test('comes back with the first probe that succeeds', async () => {
    store.says = 'unavailable'
    for (let n = 0; n < 3; n += 1) await guarded.claim(tokenUse(), NOW)
    store.says = 'fresh'
    expect(await guarded.claim(tokenUse(), NOW)).toBe('unavailable')
    elapsedMs += 30_000
    expect(await guarded.claim(tokenUse(), NOW)).toBe('fresh')
    expect(await guarded.claim(tokenUse({ token: 'next' }), NOW)).toBe('fresh')
  })

  test('counts a store that throws as failed and does not hide the fault', async () => {
    store.says = new Error('a mistake')
    for (let n = 0; n < 3; n += 1) {
      await expect(guarded.claim(tokenUse(), NOW)).rejects.toThrow('a mistake')
    }
    expect(await guarded.claim(tokenUse(), NOW)).toBe('unavailable')
    expect(store.asked).toBe(3)
  })

  test('is never told twice that one token is fresh', async () => {
    expect(await guarded.claim(tokenUse(), NOW)).toBe('fresh')
    expect(await guarded.claim(tokenUse(), NOW)).toBe('seen')
  })

  test('tells of every call that the outage has decided', async () => {
    await guarded.claim(tokenUse(), NOW)
    store.says = 'unavailable'
    await guarded.claim(tokenUse(), NOW)
    await guarded.claim(tokenUse({ token: 'new' }), NOW)
    expect(degraded).toEqual(['known_good', 'unavailable'])
  })
})
