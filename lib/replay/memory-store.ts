import { createHash } from 'node:crypto'
import { monotonic, type Stopwatch } from '../ports/stopwatch.ts'
import type { MemoryStatus } from '../status/snapshot.ts'
import type { ReplayStore, TokenUse, UseOutcome } from './replay-store.ts'

interface MemoryReplayStoreOptions {
  /** Live records held at most; above it every new token is refused. */
  readonly maxEntries: number
  /** Unix seconds at which this process began: what was used before is not known. */
  readonly startedAt: number
  /** Monotonic; that of the process by default. */
  readonly stopwatch?: Stopwatch
}

/** Records that lapse in the same second of the stopwatch. */
interface Cohort {
  readonly keys: string[]
  /** Unix seconds: no token among them can be accepted by any clock from here on. */
  until: number
}

/**
 * Remembers uses in this process, so it defends one node only. A full store refuses and never forgets
 * (W-09). Has no list of revoked subjects. Spec 7.3.
 */
export class MemoryReplayStore implements ReplayStore {
  readonly #records = new Set<string>()
  /** The same records by the second in which they lapse: a few hundred cohorts at most. */
  readonly #cohorts = new Map<number, Cohort>()
  readonly #startedAt: number
  readonly #stopwatch: Stopwatch
  #maxEntries: number
  #sweptAt = Number.NEGATIVE_INFINITY

  constructor({ maxEntries, startedAt, stopwatch = monotonic }: MemoryReplayStoreOptions) {
    this.#maxEntries = maxEntries
    this.#startedAt = Math.floor(startedAt)
    this.#stopwatch = stopwatch
  }

  get size(): number {
    return this.#records.size
  }

  get status(): MemoryStatus {
    return { entries: this.#records.size, max_entries: this.#maxEntries }
  }

  /** Makes room for at least this many records. */
  reserve(maxEntries: number): void {
    this.#maxEntries = Math.max(this.#maxEntries, maxEntries)
  }

  claim(use: TokenUse, now: number): UseOutcome {
    if (use.issuedAt < this.#startedAt) return 'history_unknown'
    const elapsed = Math.floor(this.#stopwatch() / 1000)
    this.#sweep(elapsed, now)
    const key = recordKey(use)
    if (this.#records.has(key)) return 'seen'
    if (this.#records.size >= this.#maxEntries) return 'full'
    this.#records.add(key)
    this.#enlist(key, elapsed + wholeLifeSeconds(use), use.acceptableUntil + use.leewaySeconds)
    return 'fresh'
  }

  #enlist(key: string, lapse: number, until: number): void {
    const cohort = this.#cohorts.get(lapse)
    if (cohort === undefined) {
      this.#cohorts.set(lapse, { keys: [key], until })
      return
    }
    cohort.keys.push(key)
    cohort.until = Math.max(cohort.until, until)
  }

  /**
   * Both clocks must agree that a token is dead. The wall clock alone forgets when it is set forward and
   * back again; the stopwatch alone forgets a token that a clock set back brings to life again.
   */
  #sweep(elapsed: number, now: number): void {
    if (elapsed <= this.#sweptAt) return
    this.#sweptAt = elapsed
    for (const [lapse, { keys, until }] of this.#cohorts) {
      if (lapse > elapsed || until > now) continue
      for (const key of keys) this.#records.delete(key)
      this.#cohorts.delete(lapse)
    }
  }
}

/**
 * Whole seconds from the earliest instant at which any clock may accept a token, `iat − L`, to `exp + 2L`:
 * a bound that does not depend on what our clock showed when it was used.
 */
function wholeLifeSeconds({ issuedAt, acceptableUntil, leewaySeconds }: TokenUse): number {
  return Math.max(1, Math.ceil(acceptableUntil - issuedAt + 2 * leewaySeconds)) + 1
}

/** Distinct per issuer and id, and never longer than an id commonly is: an issuer may mint ids of kilobytes. */
function recordKey({ issuer, tokenId }: TokenUse): string {
  if (tokenId.length <= 64) return `${issuer}\0${tokenId}`
  return `${issuer}\0sha256\0${createHash('sha256').update(tokenId).digest('base64url')}`
}
