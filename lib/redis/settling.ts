import { Signal } from '../ports/signal.ts'
import type { Stopwatch } from '../ports/stopwatch.ts'

/** In so many milliseconds a server that is well can be reached. */
const REACH_MS = 60
/** So long one that was reached and says nothing is waited for: as long as for one that falls silent. */
const SILENCE_MS = 1200

interface SettlingOptions {
  readonly stopwatch: Stopwatch
  /** Why the connection was lost. */
  readonly cause: unknown
  /** Whether somebody has taken a new connection. */
  readonly isReached: () => boolean
  /** Nothing was heard in time. `cause` is the latest. */
  readonly onLapse: (cause: unknown) => void
}

/**
 * The moment after a loss in which nobody knows yet whether the server is away. One that is well had only
 * ended the connection, for its idleness or at an operator's wish, and takes another at once; were it
 * taken for away in between, a used token would pass there.
 */
export class Settling {
  readonly #options: SettlingOptions
  readonly #over = new Signal()
  readonly #begunAt: number
  #timer: NodeJS.Timeout
  #isOver = false
  /** Why the server could not be reached, as far as is known. */
  cause: unknown

  constructor(options: SettlingOptions) {
    this.#options = options
    this.cause = options.cause
    this.#begunAt = options.stopwatch()
    this.#timer = this.#arm()
  }

  get over(): Promise<void> {
    return this.#over.given
  }

  end(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#over.give()
  }

  #arm(): NodeJS.Timeout {
    // What has happened by then may not have been looked at yet.
    return setTimeout(() => setImmediate(() => this.#look()), REACH_MS)
  }

  #look(): void {
    const { stopwatch, isReached, onLapse } = this.#options
    if (this.#isOver) return
    if (isReached() && stopwatch() - this.#begunAt < SILENCE_MS) this.#timer = this.#arm()
    else onLapse(this.cause)
  }
}
