import { Denial } from '../denial.ts'
import type { Stopwatch } from '../ports/stopwatch.ts'

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
  async within<T>(pending: Promise<T>): Promise<T> {
    const { promise: lapsed, reject } = withRejection()
    const timer = setTimeout(
      () => reject(new Denial('deadline_exceeded')),
      Math.max(0, this.#endsAt - this.#stopwatch()),
    )
    try {
      return await Promise.race([pending, lapsed])
    } finally {
      clearTimeout(timer)
    }
  }
}

function withRejection(): { promise: Promise<never>; reject: (cause: Error) => void } {
  let reject: (cause: Error) => void = () => {}
  const promise = new Promise<never>((_, refuse) => {
    reject = refuse
  })
  return { promise, reject }
}
