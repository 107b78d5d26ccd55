import type { Clock, Stopwatch } from '../lib/index.ts'

/** How often the process looks whether it is awake. */
const TICK_MS = 100
/** A pause of the process, after which what waited for it is no longer waited for. */
const STALL_MS = 400
/** How old a Check may be when Envoy says nothing about its patience. */
const DEFAULT_ALLOWANCE_MS = 500

export interface Patience {
  /** When Envoy got the first byte of the request, milliseconds since the epoch. */
  readonly receivedAt: number | undefined
  /** How long the filter waits for an answer; infinite where it does not say. */
  readonly timeoutMs: number
  /** How long a verification may take. */
  readonly deadlineMs: number
  /** Whether Envoy has waited for a body before it asked: then the age says nothing. */
  readonly buffered: boolean
}

/**
 * Tells the Checks that nobody waits for any more. After a freeze they come with a full deadline, while their clients
 * have been refused long ago: to verify one would spend its token.
 */
export class Lateness {
  readonly #clock: Clock
  readonly #stopwatch: Stopwatch
  readonly #timer: NodeJS.Timeout
  #tickedAt: number
  #awakeSince = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, stopwatch: Stopwatch) {
    this.#clock = clock
    this.#stopwatch = stopwatch
    this.#tickedAt = stopwatch()
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref()
  }

  /** Why a Check is too late; `undefined` when it is not. */
  of({ receivedAt, timeoutMs, deadlineMs, buffered }: Patience): string | undefined {
    this.#tick()
    if (receivedAt === undefined) return 'the Check does not say when the request came'
    if (receivedAt < this.#awakeSince) return 'the request came before this process was frozen'
    if (buffered) return undefined
    const allowance = allowanceOf(timeoutMs, deadlineMs)
    const age = this.#clock.now() - receivedAt
    if (age <= allowance) return undefined
    return `the request came ${Math.round(age)} ms ago, ${Math.round(allowance)} are allowed`
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Input is read before timers run: the first Check after a freeze notices it by itself. */
  #tick(): void {
    const now = this.#stopwatch()
    if (now - this.#tickedAt > STALL_MS) this.#awakeSince = this.#clock.now()
    this.#tickedAt = now
  }
}

/** What of Envoy's patience a verification leaves; where it leaves nothing, a quarter: some Checks are then answered too late. */
function allowanceOf(timeoutMs: number, deadlineMs: number): number {
  if (!Number.isFinite(timeoutMs)) return DEFAULT_ALLOWANCE_MS
  return Math.max(timeoutMs - deadlineMs, timeoutMs / 4)
}
