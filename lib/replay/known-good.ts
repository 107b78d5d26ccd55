import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { TokenUse } from './replay-store.ts'

/**
 * The tokens this process has itself found fresh a moment ago. Bounded; when it is full the oldest are
 * forgotten, which refuses more and never less.
 */
export class KnownGood {
  /** Unix seconds of the verification, by digest of realm and token. */
  readonly #verifiedAt: LRUCache<string, number>

  constructor(maxEntries: number) {
    this.#verifiedAt = new LRUCache({ max: maxEntries })
  }

  get size(): number {
    return this.#verifiedAt.size
  }

  /** False when the token is known already; its window is not renewed. */
  add(use: TokenUse, now: number): boolean {
    const name = digestOf(use)
    if (this.#verifiedAt.peek(name) !== undefined) return false
    this.#verifiedAt.set(name, now)
    return true
  }

  /** Whether the token was verified less than `windowSeconds` ago; after a clock set back it was not. */
  has(use: TokenUse, now: number, windowSeconds: number): boolean {
    const age = now - (this.#verifiedAt.peek(digestOf(use)) ?? Number.POSITIVE_INFINITY)
    return age >= 0 && age < windowSeconds
  }
}

/** Of the whole token: an id alone could be borrowed by a token that was never verified here. */
function digestOf({ realm, token }: TokenUse): string {
  return createHash('sha256').update(`${realm}\0${token}`).digest('base64url')
}
