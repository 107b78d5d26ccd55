import type { FallibleStore, Finding } from '../../../lib/replay/fallible-store.ts'
import { GuardedReplayStore } from '../../../lib/replay/guarded-store.ts'
import { KnownGood } from '../../../lib/replay/known-good.ts'
import type { TokenUse } from '../../../lib/replay/replay-store.ts'
import { NOW, tokenUse } from './token-use.ts'

/** Says what it is told to say, and counts how often it is asked. */
class ScriptedStore implements FallibleStore {
  says: Finding | 'refused' | 'unanswered' = 'fresh'
  away = false
  revoked: boolean | 'unknown' = false
  pending: Promise<void> | undefined
  asked = 0
  sought = 0
  /** What will be said of calls that went unanswered, once the time has come. */
  readonly late: ((finding: Finding) => void)[] = []

  async claim(_use: TokenUse, _now: number, onLate: (finding: Finding) => void) {
    this.asked += 1
    if (this.says === 'unanswered') this.late.push(onLate)
    return this.says
  }

  isAway = () => this.away
  settling = () => this.pending
  seek = () => {
    this.sought += 1
  }
  isRevoked = async () => this.revoked
}

describe('a guarded replay store', () => {
  let store: ScriptedStore
  let guarded: GuardedReplayStore
  let elapsedMs: number
  let degraded: string[]

  const guard = (knownGoodSeconds: number) =>
    new GuardedReplayStore({
      store,
      knownGood: new KnownGood({ maxEntries: 100, stopwatch: () => elapsedMs }),
      knownGoodSeconds,
      onDegraded: (outcome) => degraded.push(outcome),
    })
  const claim = (overrides: Partial<TokenUse> = {}) => guarded.claim(tokenUse(overrides), NOW)

  beforeEach(() => {
    store = new ScriptedStore()
    elapsedMs = 1_000_000
    degraded = []
    guarded = guard(60)
  })

  test.each<Finding>(['fresh', 'seen', 'revoked', 'history_unknown'])(
    'passes on what the store says: %s',
    async (outcome) => {
      store.says = outcome
      expect(await claim()).toBe(outcome)
    },
  )

  test.each(['refused', 'unanswered'] as const)(
    'refuses every token, known or not, when claims are %s and the store is not away',
    async (says) => {
      await claim()
      store.says = says
      for (let n = 0; n < 100; n += 1) {
        expect(await claim()).toBe('unavailable')
        expect(await claim({ token: `new ${n}` })).toBe('unavailable')
      }
      expect(store.asked).toBe(201)
    },
  )

  test('lets a known token pass while the store is away, and no other', async () => {
    await claim()
    store.away = true
    expect(await claim()).toBe('known_good')
    expect(await claim({ token: 'new' })).toBe('unavailable')
    expect(store.asked).toBe(1)
    expect(store.sought).toBe(2)
  })

  test('lets a known token pass whose claim the store has taken along', async () => {
    await claim()
    store.says = 'unanswered'
    const calling = claim()
    store.away = true
    expect(store.asked).toBe(2)
    expect(await calling).toBe('known_good')
  })

  test('does not let a token pass that the store has refused on its way out', async () => {
    await claim()
    store.says = 'refused'
    const calling = claim()
    store.away = true
    expect(store.asked).toBe(2)
    expect(await calling).toBe('unavailable')
  })

  test('waits until it is known whether the store is away', async () => {
    await claim()
    let end = () => {}
    store.pending = new Promise((resolve) => {
      end = resolve
    })
    store.says = 'seen'
    const calling = claim()
    end()
    expect(await calling).toBe('seen')
  })

  test('lets it pass for sixty seconds after the verification, however often it is used', async () => {
    await claim()
    store.away = true
    for (let age = 1; age < 60; age += 1) {
      elapsedMs += 1000
      expect(await claim()).toBe('known_good')
    }
    elapsedMs += 1000
    expect(await claim()).toBe('unavailable')
  })

  test.each<Finding>(['seen', 'revoked', 'history_unknown'])(
    'does not hold a token for good that was once %s',
    async (outcome) => {
      store.says = outcome
      await claim()
      store.away = true
      expect(await claim()).toBe('unavailable')
    },
  )

  test.each<Finding>(['seen', 'history_unknown'])(
    'strikes a token from the window when the answer is late, and is %s',
    async (finding) => {
      await claim()
      store.says = 'unanswered'
      expect(await claim()).toBe('unavailable')
      for (const say of store.late) say(finding)
      store.away = true
      expect(await claim()).toBe('unavailable')
    },
  )

  test('does not hold a token for good that was found fresh too late to be accepted', async () => {
    store.says = 'unanswered'
    expect(await claim()).toBe('unavailable')
    for (const say of store.late) say('fresh')
    store.away = true
    expect(await claim()).toBe('unavailable')
  })

  test('lets nobody pass when the window is off', async () => {
    guarded = guard(0)
    await claim()
    store.away = true
    expect(await claim()).toBe('unavailable')
  })

  test('keeps out a subject that is known to be revoked', async () => {
    await claim()
    store.away = true
    store.revoked = true
    expect(await claim()).toBe('revoked')
  })

  test('keeps out a subject that could be asked about and was not answered for', async () => {
    await claim()
    store.away = true
    store.revoked = 'unknown'
    expect(await claim()).toBe('unavailable')
  })

  test('is never told twice that one token is fresh', async () => {
    expect(await claim()).toBe('fresh')
    expect(await claim()).toBe('seen')
  })

  test('tells of every call that the outage has decided', async () => {
    await claim()
    store.away = true
    await claim()
    await claim({ token: 'new' })
    expect(degraded).toEqual(['known_good', 'unavailable'])
  })
})
