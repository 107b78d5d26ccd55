import type { Durations } from '../metrics/meter.ts'
import type { Stopwatch } from '../ports/stopwatch.ts'
import type { ReplayStore, TokenUse, UseOutcome } from '../replay/replay-store.ts'

/** The same store, of which every claim is timed. What is synchronous stays so. */
export class MeteredStore implements ReplayStore {
  readonly #store: ReplayStore
  readonly #durations: Durations
  readonly #stopwatch: Stopwatch

  constructor(store: ReplayStore, durations: Durations, stopwatch: Stopwatch) {
    this.#store = store
    this.#durations = durations
    this.#stopwatch = stopwatch
  }

  claim(use: TokenUse, now: number): UseOutcome | Promise<UseOutcome> {
    const beganMs = this.#stopwatch()
    const outcome = this.#store.claim(use, now)
    if (!(outcome instanceof Promise)) {
      this.#ended(beganMs)
      return outcome
    }
    return outcome.then((found) => {
      this.#ended(beganMs)
      return found
    })
  }

  #ended(beganMs: number): void {
    this.#durations.observe((this.#stopwatch() - beganMs) / 1000)
  }
}
