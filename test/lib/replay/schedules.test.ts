import fc from 'fast-check'
import { silentLog } from '../../../lib/ports/log.ts'
import { GuardedReplayStore } from '../../../lib/replay/guarded-store.ts'
import { KnownGood } from '../../../lib/replay/known-good.ts'
import { recordKeys } from '../../../lib/replay/record-key.ts'
import { RedisReplayStore } from '../../../lib/replay/redis-store.ts'
import { ReplayHistory } from '../../../lib/replay/replay-history.ts'
import type { TokenUse, UseOutcome } from '../../../lib/replay/replay-store.ts'
import { RevokedSubjects } from '../../../lib/revocation/revoked-subjects.ts'
import { many } from '../../../testkit/many.ts'
import { SimulatedRedis } from './simulated-redis.ts'
import { NOW, tokenUse } from './token-use.ts'

const WINDOW_MS = 60_000
const LEEWAY = 30
const LIFE = 300
const TOKENS = 3
const RUNS = many(150)

type Step =
  | { readonly do: 'use'; readonly token: number; readonly times: number }
  | { readonly do: 'mode'; readonly mode: 'paused' | 'refusing' | 'silent' }
  | { readonly do: 'resume' | 'kill' | 'forget' }
  | { readonly do: 'restart'; readonly memory: 'kept' | 'lost' }
  | { readonly do: 'elapse' | 'set clock'; readonly seconds: number }
  | { readonly do: 'revoke' | 'pardon'; readonly token: number }

const token = fc.nat(TOKENS - 1)
const of = (what: Step['do'], members = {}) =>
  fc.record({ do: fc.constant(what), ...members }) as fc.Arbitrary<Step>
const seconds = (...choices: number[]) => ({ seconds: fc.constantFrom(...choices) })

/** Weighed so that what matters happens often: uses, and uses while an answer is owed. */
const steps = fc.oneof(
  { weight: 12, arbitrary: of('use', { token, times: fc.constantFrom(1, 1, 2, 5) }) },
  { weight: 4, arbitrary: of('mode', { mode: fc.constant('paused') }) },
  { weight: 2, arbitrary: of('mode', { mode: fc.constantFrom('refusing', 'silent') }) },
  { weight: 5, arbitrary: of('resume') },
  of('kill'),
  of('forget'),
  { weight: 3, arbitrary: of('restart', { memory: fc.constantFrom('kept', 'kept', 'lost') }) },
  of('elapse', seconds(1, 5, 30, 59, 61, 400)),
  of('set clock', seconds(-3600, -100, -1, 1, 100, 3600)),
  of('revoke', { token }),
  of('pardon', { token }),
)

/** A repeat whose answer comes late, and then an outage. */
const LATE: Step[] = [
  { do: 'use', token: 0, times: 1 },
  { do: 'elapse', seconds: 5 },
  { do: 'use', token: 1, times: 1 },
  { do: 'mode', mode: 'paused' },
  { do: 'use', token: 1, times: 2 },
  { do: 'resume' },
  { do: 'kill' },
  { do: 'use', token: 1, times: 1 },
]

/** A token whose uses were all refused for want of an answer, before Redis forgot them and went away. */
const FORGOTTEN: Step[] = [
  { do: 'mode', mode: 'paused' },
  { do: 'use', token: 2, times: 5 },
  { do: 'resume' },
  { do: 'restart', memory: 'kept' },
  { do: 'use', token: 0, times: 1 },
  { do: 'resume' },
  { do: 'forget' },
  { do: 'use', token: 0, times: 1 },
  { do: 'resume' },
  { do: 'use', token: 2, times: 1 },
  { do: 'mode', mode: 'silent' },
  { do: 'use', token: 2, times: 1 },
]

/** One process, its Redis and its clocks; and the oracle, which sees everything. */
class World {
  #elapsedMs = 1_000_000
  #nowMs = (NOW + 5) * 1000
  readonly #redis = new SimulatedRedis(() => this.#elapsedMs)
  readonly #store: GuardedReplayStore
  readonly #uses: TokenUse[]
  /** Reading of the stopwatch at the one acceptance that Redis vouched for. */
  readonly #freshAt = new Map<number, number>()
  readonly accepted = { fresh: 0, known_good: 0 }

  constructor() {
    const clock = { now: () => this.#nowMs }
    const stopwatch = () => this.#elapsedMs
    const link = this.#redis
    const revoked = new RevokedSubjects(stopwatch)
    const history = new ReplayHistory({ link, clock, log: silentLog })
    const store = new RedisReplayStore({
      link,
      history,
      keyFormat: 'hashed',
      timeoutMs: 1,
      revoked,
      onFault: () => {},
    })
    const knownGood = new KnownGood({ maxEntries: 100, stopwatch })
    this.#store = new GuardedReplayStore({ store, knownGood, knownGoodSeconds: WINDOW_MS / 1000 })
    this.#uses = Array.from({ length: TOKENS }, (_, n) =>
      tokenUse({
        tokenId: `${n}`,
        token: `token ${n}`,
        subject: `agent://${n}`,
        issuedAt: NOW + 7 + 5 * n,
        acceptableUntil: NOW + 7 + 5 * n + LIFE + LEEWAY,
        leewaySeconds: LEEWAY,
      }),
    )
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case 'use':
        return this.#use(step.token, step.times)
      case 'mode':
        if (this.#redis.mode !== 'down') this.#redis.mode = step.mode
        return
      case 'resume':
        if (this.#redis.mode !== 'down') this.#redis.resume()
        // Late answers are heard before the next call comes.
        return settled()
      case 'kill':
        return this.#redis.kill()
      case 'forget':
        return this.#redis.forget()
      case 'restart':
        this.#redis.kill()
        return this.#redis.restart(step.memory)
      case 'elapse':
        this.#elapsedMs += step.seconds * 1000
        this.#nowMs += step.seconds * 1000
        return
      case 'set clock':
        this.#nowMs += step.seconds * 1000
        return
      case 'revoke':
        this.#redis.revoked.add(`agent://${step.token}`)
        return
      case 'pardon':
        this.#redis.revoked.delete(`agent://${step.token}`)
    }
  }

  /** The calls that the steps before this one let through. */
  async #use(n: number, times: number): Promise<void> {
    const use = this.#uses[n]
    const now = this.#nowMs / 1000
    if (use === undefined || use.acceptableUntil <= now || use.issuedAt - LEEWAY >= now) return
    const { mode } = this.#redis
    const outcomes = await Promise.all(
      Array.from({ length: times }, () => this.#store.claim(use, now)),
    )
    for (const outcome of outcomes) this.#judge(n, outcome, mode)
  }

  #judge(n: number, outcome: UseOutcome, mode: SimulatedRedis['mode']): void {
    const freshAt = this.#freshAt.get(n)
    if (outcome === 'fresh') {
      if (freshAt !== undefined) throw new Error(`token ${n} was found fresh twice`)
      if (this.#redis.revoked.has(`agent://${n}`)) throw new Error(`token ${n} is revoked`)
      this.#freshAt.set(n, this.#elapsedMs)
      this.accepted.fresh += 1
    }
    if (outcome === 'known_good') {
      if (mode !== 'down' && mode !== 'silent') throw new Error(`token ${n} passed, Redis ${mode}`)
      if (freshAt === undefined) throw new Error(`token ${n} was never verified`)
      if (this.#isStruck(n)) throw new Error(`token ${n} was late to be seen, and passed`)
      if (this.#elapsedMs - freshAt >= WINDOW_MS) throw new Error(`token ${n} passed too late`)
      this.accepted.known_good += 1
    }
  }

  #isStruck(n: number): boolean {
    const use = this.#uses[n]
    return use !== undefined && this.#redis.lateSeen.has(recordKeys(use, 'hashed').record)
  }
}

/** Every callback of an answer has run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

describe('no schedule of pauses, kills, late answers, lost memories and clock steps', () => {
  test('has a token accepted twice, save in its window and while Redis is away', async () => {
    const accepted = { fresh: 0, known_good: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 10, maxLength: 60 }), async (schedule) => {
        const world = new World()
        for (const step of schedule) await world.take(step)
        accepted.fresh += world.accepted.fresh
        accepted.known_good += world.accepted.known_good
      }),
      { numRuns: RUNS, examples: [[LATE], [FORGOTTEN]] },
    )
    process.stderr.write(
      `    ${RUNS} schedules: ${accepted.fresh} first uses accepted, ${accepted.known_good} repeats while Redis was away\n`,
    )
    // A model in which nothing passes would prove nothing.
    expect(accepted.fresh).toBeGreaterThan(RUNS / 4)
    expect(accepted.known_good).toBeGreaterThan(RUNS / 20)
  })
})
