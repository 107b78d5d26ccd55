import { formatInstant } from '../../../lib/ports/clock.ts'
import type { Outcome, Outcomes } from './tally.ts'

/** Buckets kept at most, so that a year of lines costs no more than an hour of them. */
const MAX_BUCKETS = 512
/** What buckets may be as long as, in seconds: a length by which people read a clock. */
const LENGTHS = [1, 5, 15, 60, 300, 900, 3600, 10_800, 43_200, 86_400, 604_800, 2_592_000] as const

export interface TimelineBucket extends Outcomes {
  /** RFC 3339, UTC: its first instant. */
  readonly at: string
}

export interface TimelineCounts {
  /** How long each bucket is. */
  readonly seconds: number
  /** From the first with a decision to the last, those without any included. */
  readonly buckets: readonly TimelineBucket[]
}

/** Counts outcomes over time, in bounded memory and in any order of lines. */
export class Timeline {
  #length = 0
  #buckets = new Map<number, Record<Outcome, number>>()
  /** The outermost buckets; meaningless without any. */
  #first = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY

  add(ts: string, outcome: Outcome): void {
    this.#count(Math.floor(Date.parse(ts) / 1000 / this.#seconds), outcome, 1)
    while (this.#span() > MAX_BUCKETS && this.#length < LENGTHS.length - 1) this.#widen()
  }

  /** At most `columns` buckets, or as many as months take. */
  counts(columns: number): TimelineCounts {
    while (this.#span() > columns && this.#length < LENGTHS.length - 1) this.#widen()
    const first = this.#first
    const buckets = Array.from({ length: this.#span() }, (_, index) => {
      const { not_enforced, refused, allowed } = this.#buckets.get(first + index) ?? NONE
      const at = formatInstant((first + index) * this.#seconds * 1000)
      return { at, not_enforced, refused, allowed }
    })
    return { seconds: this.#seconds, buckets }
  }

  get #seconds(): number {
    return LENGTHS[this.#length] ?? 1
  }

  #count(bucket: number, outcome: Outcome, number: number): void {
    const counts = this.#buckets.get(bucket) ?? { ...NONE }
    counts[outcome] += number
    this.#buckets.set(bucket, counts)
    this.#first = Math.min(this.#first, bucket)
    this.#last = Math.max(this.#last, bucket)
  }

  #span(): number {
    return this.#buckets.size === 0 ? 0 : this.#last - this.#first + 1
  }

  #widen(): void {
    const before = this.#buckets
    const seconds = this.#seconds
    this.#buckets = new Map()
    this.#first = Number.POSITIVE_INFINITY
    this.#last = Number.NEGATIVE_INFINITY
    this.#length++
    for (const [bucket, counts] of before) {
      const wider = Math.floor((bucket * seconds) / this.#seconds)
      for (const outcome of ['not_enforced', 'refused', 'allowed'] as const) {
        this.#count(wider, outcome, counts[outcome])
      }
    }
  }
}

const NONE: Outcomes = { not_enforced: 0, refused: 0, allowed: 0 }
