import { Denial } from '../denial.ts'
import type { Stopwatch } from '../ports/stopwatch.ts'
import { within } from '../ports/within.ts'

/** The time one call may take, from the moment this is made. */
export class Deadline {
  readonly #stopwatch: Stopwatch
  readonly #endsAt: number
  readonly startedAt: number

  constructor(budgetMs: number, stopwatch: Stopwatch) {
    this.#stopwatch = stopwatch
    this.startedAt = stopwatch()
    this.#endsAt = this.startedAt + budgetMs
  }

  get elapsedMs(): number {
    return this.#stopwatch() - this.startedAt
  }

  /**
   * Waits for `pending`, at most until the deadline; then rejects with `deadline_exceeded`. What was
   * waited for goes on by itself, and how it ends is of no interest any more.
   */
  within<T>(pending: Promise<T>): Promise<T> {
    const leftMs = Math.max(0, this.#endsAt - this.#stopwatch())
    return within(leftMs, pending, () => new Denial('deadline_exceeded'))
  }
}
