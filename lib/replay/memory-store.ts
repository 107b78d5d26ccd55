import { createHash } from 'node:crypto'
import { recordLifetimeSeconds } from './record-lifetime.ts'
import type { ReplayStore, TokenUse, UseOutcome } from './replay-store.ts'

interface MemoryReplayStoreOptions {
  /** Live records held at most; above it every new token is refused. */
  readonly maxEntries: number
  /** Unix seconds at which this process began: what was used before is not known. */
  readonly startedAt: number
}

/**
 * Remembers uses in this process, so it defends one node only. A full store refuses and never forgets
 * (W-09). Has no list of revoked subjects. Spec 7.3.
 */
export class MemoryReplayStore implements ReplayStore {
  readonly #records = new Set<string>()
  /** The same records by the second in which they lapse: a few hundred lists at most. */
  readonly #lapses = new Map<number, string[]>()
  readonly #startedAt: number
  #maxEntries: number
  #sweptAt = 0

  constructor({ maxEntries, startedAt }: MemoryReplayStoreOptions) {
    this.#maxEntries = maxEntries
    this.#startedAt = Math.floor(startedAt)
  }

  get size(): number {
    return this.#records.size
  }

  /** Makes room for at least this many records. */
  reserve(maxEntries: number): void {
    this.#maxEntries = Math.max(this.#maxEntries, maxEntries)
  }

  claim(use: TokenUse, now: number): UseOutcome {
    if (use.issuedAt < this.#startedAt) return 'history_unknown'
    this.#sweep(Math.floor(now))
    const key = recordKey(use)
    if (this.#records.has(key)) return 'seen'
    if (this.#records.size >= this.#maxEntries) return 'full'
    this.#records.add(key)
    const lapse = Math.floor(now) + recordLifetimeSeconds(use, now)
    const others = this.#lapses.get(lapse)
    if (others === undefined) this.#lapses.set(lapse, [key])
    else others.push(key)
    return 'fresh'
  }

  #sweep(second: number): void {
    if (second <= this.#sweptAt) return
    this.#sweptAt = second
    for (const [lapse, keys] of this.#lapses) {
      if (lapse > second) continue
      for (const key of keys) this.#records.delete(key)
      this.#lapses.delete(lapse)
    }
  }
}

/** Distinct per issuer and id, and never longer than an id commonly is: an issuer may mint ids of kilobytes. */
function recordKey({ issuer, tokenId }: TokenUse): string {
  if (tokenId.length <= 64) return `${issuer}\0${tokenId}`
  return `${issuer}\0sha256\0${createHash('sha256').update(tokenId).digest('base64url')}`
}
