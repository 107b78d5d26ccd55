import type { Random } from '../ports/random.ts'

const FIRST_MS = 1_000
const LONGEST_MS = 15_000

/**
 * When to try again after failures: 1, 2, 4, … at most 15 seconds, each shortened at random by up
 * to a half, so that a fleet does not come back as one.
 */
export class BackOff {
  readonly #random: Random
  #failures = 0
  #failedAt = 0
  #retryAt = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** Failures in a row. */
  get failures(): number {
    return this.#failures
  }

  /** Milliseconds from `now` until the next attempt is due; 0 when it is. */
  waitMs(now: number): number {
    // A clock that was set back must not turn seconds of waiting into hours.
    if (now < this.#failedAt) return 0
    return Math.max(0, this.#retryAt - now)
  }

  fail(now: number): void {
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#failures, 10))
    this.#failures++
    this.#failedAt = now
    this.#retryAt = now + ceiling * (1 - this.#random() / 2)
  }

  reset(): void {
    this.#failures = 0
    this.#retryAt = 0
  }
}
