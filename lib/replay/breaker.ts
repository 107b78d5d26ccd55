import { ConsecutiveBreaker } from 'cockatiel'
import type { Stopwatch } from '../ports/stopwatch.ts'

/** Consecutive failures that open the breaker, and how long it then stays open. Spec 7.4. */
const FAILURES = 3
const RECOVERY_MS = 30_000
/** Added by chance, so that a fleet does not come back to a Redis all at once. */
const JITTER_MS = 3000

interface BreakerOptions {
  readonly stopwatch: Stopwatch
  /** Uniform in [0, 1). */
  readonly random: () => number
  readonly onChange?: (state: BreakerState['name']) => void
}

type BreakerState =
  | { readonly name: 'closed' }
  | { readonly name: 'open'; readonly until: number }
  | { readonly name: 'half_open' }

/** Leave to make one call; whoever has it says how the call went. */
export interface Admission {
  settle(succeeded: boolean): void
}

/**
 * Keeps calls from a store that fails. *When* to open is cockatiel's rule; its policy object, though,
 * reads the wall clock and lets calls wait for the probe, and here nobody waits.
 */
export class Breaker {
  readonly #options: BreakerOptions
  readonly #rule = new ConsecutiveBreaker(FAILURES)
  #state: BreakerState = { name: 'closed' }
  #opened = 0

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  get state(): BreakerState['name'] {
    return this.#state.name
  }

  /** How often the breaker has opened. */
  get opened(): number {
    return this.#opened
  }

  /** Undefined when the call must not be made. Exactly one call probes a breaker whose time is up. */
  admit(): Admission | undefined {
    const state = this.#state
    if (state.name === 'half_open') return undefined
    if (state.name === 'closed') return { settle: (succeeded) => this.#counted(succeeded) }
    if (this.#options.stopwatch() < state.until) return undefined
    this.#enter({ name: 'half_open' })
    return { settle: (succeeded) => this.#probed(succeeded) }
  }

  /** A call that began before the breaker opened says nothing about the store of now. */
  #counted(succeeded: boolean): void {
    if (this.#state.name !== 'closed') return
    if (succeeded) this.#rule.success()
    else if (this.#rule.failure()) this.#open()
  }

  #probed(succeeded: boolean): void {
    if (succeeded) this.#close()
    else this.#open()
  }

  #close(): void {
    this.#rule.success()
    this.#enter({ name: 'closed' })
  }

  #open(): void {
    const { stopwatch, random } = this.#options
    this.#opened += 1
    this.#enter({ name: 'open', until: stopwatch() + RECOVERY_MS + random() * JITTER_MS })
  }

  #enter(state: BreakerState): void {
    this.#state = state
    this.#options.onChange?.(state.name)
  }
}
