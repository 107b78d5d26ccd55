import type { Random } from '../ports/random.ts'
import type { Stopwatch } from '../ports/stopwatch.ts'

const FIRST_MS = 100
const LONGEST_MS = 30_000
const SOON_MS = 10
/** While somebody asks, the next attempt is no further away than this. */
const SOUGHT_MS = 1000

interface PaceOptions {
  readonly stopwatch: Stopwatch
  readonly random: Random
  /** Time for another attempt. */
  readonly onDue: () => void
}

/**
 * When to look for a server that is away: ever less often while nobody asks for it, and within a second
 * while somebody does. Half of each delay is chance: a fleet must not come back all at once.
 */
export class Pace {
  readonly #options: PaceOptions
  #failures = 0
  #timer: NodeJS.Timeout | undefined
  #begunAt = Number.NEGATIVE_INFINITY

  constructor(options: PaceOptions) {
    this.#options = options
  }

  /** An attempt has begun. */
  begun(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#begunAt = this.#options.stopwatch()
  }

  succeeded(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#failures = 0
  }

  /** Sets the time of the next attempt, if it is not set. */
  failed(): void {
    if (this.#timer !== undefined) return
    const delayMs = this.#spread(Math.min(FIRST_MS * 2 ** this.#failures, LONGEST_MS))
    this.#failures += 1
    this.#arm(delayMs)
  }

  /** The next attempt follows at once: whether the server is away is being found out. */
  soon(): void {
    this.#arm(SOON_MS)
  }

  /** Somebody asks. Of no effect while an attempt is under way: there is nothing to bring forward. */
  seek(): void {
    if (this.#timer === undefined) return
    const passedMs = this.#options.stopwatch() - this.#begunAt
    if (passedMs >= SOUGHT_MS) this.#arm(0)
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #arm(delayMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#options.onDue()
    }, delayMs)
  }

  #spread(most: number): number {
    return Math.round((most * (1 + this.#options.random())) / 2)
  }
}
