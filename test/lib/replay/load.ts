import { randomUUID } from 'node:crypto'
import type { TokenUse } from '../../../lib/replay/replay-store.ts'
import type { Harness } from './harness.ts'

const PAUSE_MS = 5

/** Uses new tokens one after another, and every accepted one again, until told to stop. */
export class Load implements AsyncDisposable {
  readonly #harness: Harness
  readonly #name = randomUUID()
  readonly #accepted = new Map<TokenUse, number>()
  readonly #running: Promise<void>
  #stopped = false
  #unavailable = 0
  #lastAccepted = 0

  constructor(harness: Harness) {
    this.#harness = harness
    this.#running = this.#run()
  }

  get accepted(): readonly TokenUse[] {
    return [...this.#accepted.keys()]
  }

  get unavailable(): number {
    return this.#unavailable
  }

  /** Whether a token has been accepted since the given reading of `performance.now()`. */
  acceptedSince(instant: number): boolean {
    return this.#lastAccepted > instant
  }

  /** The largest number of times that one token was accepted, once more tried. */
  async stop(): Promise<number> {
    await this[Symbol.asyncDispose]()
    for (const use of this.accepted) await this.#claim(use)
    return Math.max(...this.#accepted.values())
  }

  /** Starts nothing more, and resolves when nothing is under way; a failed test comes here alone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    const ahead = this.#harness.nowMs - performance.now()
    for (let n = 0; !this.#stopped; n += 1) {
      this.#harness.nowMs = performance.now() + ahead
      await this.#claim(this.#harness.use(`${this.#name} ${n}`))
      const [earlier] = this.accepted.slice(-10)
      if (earlier !== undefined) await this.#claim(earlier)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }

  async #claim(use: TokenUse): Promise<void> {
    const outcome = await this.#harness.claim(use)
    if (outcome === 'unavailable') this.#unavailable += 1
    if (outcome !== 'fresh') return
    this.#accepted.set(use, (this.#accepted.get(use) ?? 0) + 1)
    this.#lastAccepted = performance.now()
  }
}

/** A measurement that whoever runs the tests is to see. */
export function report(what: string, ms: number): void {
  process.stderr.write(`    ${what}: ${Math.round(ms)} ms\n`)
}
