import type { RateLimit } from './rate-limit.ts'
import { IssuerRefusal } from './refusal.ts'

/** One try to authenticate, which its peer pays for at most once, and not at all when it was right. */
export class Attempt {
  readonly #limit: RateLimit
  readonly #key: string
  #paid = false

  constructor(limit: RateLimit, key: string) {
    this.#limit = limit
    this.#key = key
  }

  /**
   * Takes the price. Before a slow check, because what many do at once must not be cheaper than what
   * they do one after the other. Refuses `rate_limited`.
   */
  pay(cause?: unknown): void {
    if (this.#paid) return
    const decision = this.#limit.take(this.#key)
    if (!decision.allowed) {
      const { retryAfterSeconds, first } = decision
      throw new IssuerRefusal('rate_limited', { retryAfterSeconds, quiet: !first, cause })
    }
    this.#paid = true
  }

  /** Gives the price back. */
  refund(): void {
    if (this.#paid) this.#limit.giveBack(this.#key)
    this.#paid = false
  }
}
