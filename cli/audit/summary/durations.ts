/** How finely durations are told apart: each step is so much longer than the one before. */
const STEP = 1.04

/** Microseconds that decisions took. Percentiles are exact to 2 percent. */
export interface Percentiles {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

/** Counts durations in bounded memory, however many there are. */
export class Durations {
  readonly #counts = new Map<number, number>()
  #count = 0
  #max = 0

  add(us: number): void {
    const step = us < 1 ? 0 : Math.round(Math.log(us) / Math.log(STEP)) + 1
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1)
    this.#count++
    this.#max = Math.max(this.#max, us)
  }

  /** `undefined` where none was added. */
  percentiles(): Percentiles | undefined {
    if (this.#count === 0) return undefined
    return { p50: this.#at(0.5), p90: this.#at(0.9), p99: this.#at(0.99), max: this.#max }
  }

  /** The least duration that this share of all does not exceed. */
  #at(share: number): number {
    let left = Math.ceil(this.#count * share)
    for (const [step, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      left -= count
      if (left <= 0) return Math.min(this.#max, step === 0 ? 0 : Math.round(STEP ** (step - 1)))
    }
    return this.#max
  }
}
