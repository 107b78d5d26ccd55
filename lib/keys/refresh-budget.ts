const BURST = 2

/**
 * How many fetches unknown key ids may cause: a token bucket of two that regains one per cooldown.
 * Every fetch draws on it, whatever its cause; only those for unknown key ids are held up by it.
 */
export class RefreshBudget {
  readonly #cooldownMs: number
  #level = BURST
  #at = 0

  constructor(cooldownMs: number) {
    this.#cooldownMs = cooldownMs
  }

  allows(now: number): boolean {
    this.#refill(now)
    return this.#level >= 1
  }

  spend(now: number): void {
    this.#refill(now)
    this.#level = Math.max(0, this.#level - 1)
  }

  #refill(now: number): void {
    // A clock that was set back adds nothing.
    const elapsed = Math.max(0, now - this.#at)
    this.#level = Math.min(BURST, this.#level + elapsed / this.#cooldownMs)
    this.#at = now
  }
}
