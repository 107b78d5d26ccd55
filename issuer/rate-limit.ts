import { LRUCache } from 'lru-cache'
import type { Stopwatch } from '../lib/ports/stopwatch.ts'

/** Bounds memory: whoever is forgotten starts with a full bucket. */
const MAX_KEYS = 100_000
/** Of arithmetic in floating point, in milliseconds. */
const ROUNDING = 1e-6

export interface RateLimitSettings {
  /** Requests a minute in the long run. At least 1. */
  readonly perMinute: number
  /** Requests at once. At least 1. */
  readonly burst: number
}

/** `first` marks the first refusal since the last grant. */
export type RateDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly retryAfterSeconds: number; readonly first: boolean }

interface Bucket {
  /** Stopwatch time at which the bucket is full again. */
  fullAt: number
  refused: boolean
}

/**
 * A token bucket per key: exactly `burst` at once, and one more each `60 / perMinute` seconds (W-32).
 * Time is the stopwatch's, so that setting the clock neither frees nor blocks anybody.
 */
export class RateLimit {
  readonly #intervalMs: number
  readonly #toleranceMs: number
  readonly #stopwatch: Stopwatch
  readonly #buckets = new LRUCache<string, Bucket>({ max: MAX_KEYS })

  constructor({ perMinute, burst }: RateLimitSettings, stopwatch: Stopwatch) {
    this.#intervalMs = 60_000 / perMinute
    this.#toleranceMs = (burst - 1) * this.#intervalMs
    this.#stopwatch = stopwatch
  }

  /** Takes one token of this key, or says when there will be one. */
  take(key: string): RateDecision {
    const now = this.#stopwatch()
    const bucket = this.#buckets.get(key) ?? { fullAt: now, refused: false }
    const fullAt = Math.max(bucket.fullAt, now)
    const waitMs = fullAt - now - this.#toleranceMs
    if (waitMs > ROUNDING) {
      const first = !bucket.refused
      bucket.refused = true
      return { allowed: false, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)), first }
    }
    this.#buckets.set(key, { fullAt: fullAt + this.#intervalMs, refused: false })
    return { allowed: true }
  }

  /** Puts one token back that was taken and not used after all. */
  giveBack(key: string): void {
    const bucket = this.#buckets.peek(key)
    if (bucket !== undefined) bucket.fullAt -= this.#intervalMs
  }
}
