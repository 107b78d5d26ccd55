import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Stopwatch } from '../ports/stopwatch.ts'
import type { TokenUse } from './replay-store.ts'

interface KnownGoodOptions {
  readonly maxEntries: number
  /** Monotonic: a wall clock that is set back would open a window anew. */
  readonly stopwatch: Stopwatch
}

/**
 * The tokens this process has itself found fresh a moment ago. Bounded; when it is full the oldest are
 * forgotten, which refuses more and never less.
 */
export class KnownGood {
  /** Reading of the stopwatch at the verification, by digest of realm and token. */
  readonly #verifiedAt: LRUCache<string, number>
  readonly #stopwatch: Stopwatch

  constructor({ maxEntries, stopwatch }: KnownGoodOptions) {
    this.#verifiedAt = new LRUCache({ max: maxEntries })
    this.#stopwatch = stopwatch
  }

  get size(): number {
    return this.#verifiedAt.size
  }

  /** False when the token is known already; its window is not renewed. */
  add(use: TokenUse): boolean {
    const name = digestOf(use)
    if (this.#verifiedAt.peek(name) !== undefined) return false
    this.#verifiedAt.set(name, this.#stopwatch())
    return true
  }

  /**
   * Shuts the window of a token, for good, and opens none later: that it has been used is not forgotten, whatever the
   * store forgets. Also of one that was never known here: all its uses may have been refused for want of an answer.
   */
  strike(use: TokenUse): void {
    this.#verifiedAt.set(digestOf(use), Number.NEGATIVE_INFINITY)
  }

  /** Whether the token was verified less than `windowSeconds` ago. */
  has(use: TokenUse, windowSeconds: number): boolean {
    const verifiedAt = this.#verifiedAt.peek(digestOf(use))
    return verifiedAt !== undefined && this.#stopwatch() - verifiedAt < windowSeconds * 1000
  }
}

/** Of the whole token: an id alone could be borrowed by a token that was never verified here. */
function digestOf({ realm, token }: TokenUse): string {
  return createHash('sha256').update(`${realm}\0${token}`).digest('base64url')
}
