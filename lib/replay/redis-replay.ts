import { errorMessage } from '../error-message.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { Stopwatch } from '../ports/stopwatch.ts'
import { redisLink } from '../redis/redis.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import type { RedisSettings } from '../redis/redis-settings.ts'
import { RedisRevocationList } from '../revocation/redis-list.ts'
import type { RevocationList } from '../revocation/revocation-list.ts'
import { RevokedSubjects } from '../revocation/revoked-subjects.ts'
import type { RedisStatus } from '../status/snapshot.ts'
import { GuardedReplayStore } from './guarded-store.ts'
import { KnownGood } from './known-good.ts'
import type { KeyFormat } from './record-key.ts'
import { RedisReplayStore } from './redis-store.ts'
import { ReplayHistory } from './replay-history.ts'
import type { ReplayStore } from './replay-store.ts'

const MAX_KNOWN_GOOD = 100_000
/** So often at most is the operator told that claims fail while Redis is there. */
const TOLD_MS = 10_000

export interface RedisReplayOptions {
  readonly settings: RedisSettings
  readonly clock: Clock
  readonly stopwatch: Stopwatch
  /** Uniform in [0, 1), for jitter. */
  readonly random: Random
  readonly log: Log
}

/** What a plugin entity may choose for itself. */
export interface ReplayStoreChoice {
  readonly keyFormat: KeyFormat
  readonly revocation: boolean
  /** 0–60; 0 for none. */
  readonly knownGoodSeconds: number
}

export interface RedisReplayStats {
  /** Calls that passed because the store was away, and calls that were refused for want of it. */
  readonly degraded: number
  readonly unavailable: number
}

/**
 * One Redis as seen by one process: connection and all that was learnt from it, shared by
 * every plugin entity with the same Redis settings. Opens nothing before `open` or the first claim.
 */
export class RedisReplay {
  readonly #options: RedisReplayOptions
  readonly #link: RedisLink
  readonly #history: ReplayHistory
  readonly #revoked: RevokedSubjects
  readonly #knownGood: KnownGood
  readonly #counts = { known_good: 0, unavailable: 0 }
  #toldAt = Number.NEGATIVE_INFINITY

  /** Throws `TypeError` with the field for settings that cannot work. */
  constructor(options: RedisReplayOptions) {
    const { settings, clock, stopwatch, random, log } = options
    this.#options = options
    this.#link = redisLink(settings, { log, random, stopwatch })
    this.#history = new ReplayHistory({ link: this.#link, clock, log })
    this.#revoked = new RevokedSubjects(stopwatch)
    this.#knownGood = new KnownGood({ maxEntries: MAX_KNOWN_GOOD, stopwatch })
    this.#link.onServer(() => void this.#history.prepare())
  }

  /**
   * Connects ahead of the first claim. Resolves when the first attempt has succeeded or failed; never
   * rejects: a Redis that is away is a warning.
   */
  async open(): Promise<void> {
    await this.#link.open()
    await this.#history.prepare()
  }

  /** Throws `TypeError` for a choice that the topology of this Redis cannot have. */
  store({ keyFormat, revocation, knownGoodSeconds }: ReplayStoreChoice): ReplayStore {
    const revoked = revocation ? { revoked: this.#revoked } : {}
    const store = new RedisReplayStore({
      link: this.#link,
      history: this.#history,
      keyFormat,
      timeoutMs: this.#options.settings.timeoutMs,
      onFault: (cause) => this.#report(cause),
      ...revoked,
    })
    return new GuardedReplayStore({
      store,
      knownGood: this.#knownGood,
      knownGoodSeconds,
      onDegraded: (outcome) => {
        this.#counts[outcome] += 1
      },
    })
  }

  get revocations(): RevocationList {
    const { timeoutMs } = this.#options.settings
    return new RedisRevocationList({ link: this.#link, timeoutMs })
  }

  stats(): RedisReplayStats {
    return {
      degraded: this.#counts.known_good,
      unavailable: this.#counts.unavailable,
    }
  }

  get status(): RedisStatus {
    return { redis: this.#link.name, ...this.#link.report, ...this.stats() }
  }

  close(): Promise<void> {
    return this.#link.close()
  }

  /** A Redis that is away is reported by its link. */
  #report(cause: unknown): void {
    const { log, stopwatch } = this.#options
    if (stopwatch() - this.#toldAt < TOLD_MS) return
    this.#toldAt = stopwatch()
    log.warn('a use of a token could not be recorded', {
      redis: this.#link.name,
      cause: errorMessage(cause),
    })
  }
}
