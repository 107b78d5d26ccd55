import { refuse } from '../refusal.ts'

/** Half of Node's four worker threads: files and name resolution need the others. */
const AT_ONCE = 2
/** About two seconds of waiting. */
const WAITING = 32

interface SlowCheck {
  /** Called before a check is queued. What it throws is the outcome, and nothing is checked. */
  begin(): void
  check(): Promise<boolean>
}

/**
 * Runs slow checks, few at a time, and the same one once however many ask for it. Refuses
 * `credentials_busy` when too many wait already.
 */
export class SlowChecks {
  readonly #pending = new Map<string, Promise<boolean>>()
  readonly #waiting: (() => void)[] = []
  #running = 0

  async run(key: string, { begin, check }: SlowCheck): Promise<boolean> {
    const same = this.#pending.get(key)
    if (same !== undefined) return same
    if (this.#waiting.length >= WAITING) refuse('credentials_busy', { retryAfterSeconds: 2 })
    begin()
    const pending = this.#inTurn(check).finally(() => this.#pending.delete(key))
    this.#pending.set(key, pending)
    return pending
  }

  async #inTurn(check: () => Promise<boolean>): Promise<boolean> {
    if (this.#running < AT_ONCE) this.#running++
    // The one that ends hands its place over, so the count stays.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await check()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}
