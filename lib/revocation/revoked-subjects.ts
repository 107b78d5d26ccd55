import { LRUCache } from 'lru-cache'

/** How long a finding outlives the last answer: as long as the longest known-good window. */
const REMEMBERED_SECONDS = 60
const MAX_SUBJECTS = 100_000

/**
 * Who was found revoked lately: the last snapshot, for when the list cannot be asked. Holds no findings
 * to the contrary, since every healthy claim asks anew. Spec 8.2.
 */
export class RevokedSubjects {
  /** Unix seconds of the latest answer, by subject. */
  readonly #foundAt = new LRUCache<string, number>({ max: MAX_SUBJECTS })

  /** Takes note of an answer of the list, and passes it on. */
  learn(subject: string, isRevoked: boolean, now: number): boolean {
    if (isRevoked) this.#foundAt.set(subject, now)
    else this.#foundAt.delete(subject)
    return isRevoked
  }

  has(subject: string, now: number): boolean {
    const foundAt = this.#foundAt.get(subject)
    return foundAt !== undefined && Math.abs(now - foundAt) < REMEMBERED_SECONDS
  }
}
