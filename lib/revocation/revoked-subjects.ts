import { LRUCache } from 'lru-cache'
import type { Stopwatch } from '../ports/stopwatch.ts'

/** How long a finding outlives the last answer: as long as the longest known-good window. */
const REMEMBERED_MS = 60_000
const MAX_SUBJECTS = 100_000

/**
 * Who was found revoked lately: the last snapshot, for when the list cannot be asked. Holds no findings
 * to the contrary, since every healthy claim asks anew. Spec 8.2.
 */
export class RevokedSubjects {
  /** Reading of the stopwatch at the latest answer, by subject. */
  readonly #foundAt = new LRUCache<string, number>({ max: MAX_SUBJECTS })
  readonly #stopwatch: Stopwatch

  /** `stopwatch` is monotonic: a wall clock that is set would make it forget. */
  constructor(stopwatch: Stopwatch) {
    this.#stopwatch = stopwatch
  }

  /** The list has said that this subject is revoked. */
  add(subject: string): void {
    this.#foundAt.set(subject, this.#stopwatch())
  }

  /** The list has just said that it is not. An answer that came late says so of the past only. */
  remove(subject: string): void {
    this.#foundAt.delete(subject)
  }

  has(subject: string): boolean {
    const foundAt = this.#foundAt.get(subject)
    return foundAt !== undefined && this.#stopwatch() - foundAt < REMEMBERED_MS
  }
}
