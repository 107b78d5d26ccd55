import type { Call } from '../call.ts'
import { Denial } from '../denial.ts'
import type { Clock } from '../ports/clock.ts'
import type { Stopwatch } from '../ports/stopwatch.ts'
import type { Settings } from '../settings.ts'
import { Attempt, type Findings, type VerifierPorts } from './attempt.ts'
import { Deadline } from './deadline.ts'
import type { Observer } from './observer.ts'
import { type Verdict, verify } from './verify.ts'

/** A verdict with all that an audit line says about how it came about. */
export interface Decision {
  readonly verdict: Verdict
  readonly findings: Partial<Findings>
  /** Milliseconds since the epoch: the clock reading the decision is based on; 0 when there is none. */
  readonly at: number
  readonly elapsedMs: number
}

export interface VerifierOptions {
  /** Compiled; `openVerifier` takes plain ones. */
  readonly settings: Settings
  readonly ports: VerifierPorts
  readonly clock: Clock
  readonly stopwatch: Stopwatch
  readonly observer?: Observer | undefined
}

/** Decides on calls for one plugin entity. */
export class Verifier {
  readonly #options: VerifierOptions

  constructor(options: VerifierOptions) {
    this.#options = options
  }

  get observer(): Observer | undefined {
    return this.#options.observer
  }

  /**
   * Never rejects, and answers within the deadline of the settings. A clock or a setting that fails is
   * `internal_error`. `observer` is told of this call instead of the one in the options.
   */
  async decide(call: Call, observer = this.#options.observer): Promise<Decision> {
    const { settings, ports, clock, stopwatch } = this.#options
    try {
      const deadline = new Deadline(settings.deadlineMs, stopwatch)
      const at = clock.now()
      const attempt = new Attempt(call, settings, ports, at / 1000)
      const verdict = await verify(attempt, deadline, { observer })
      const { elapsedMs } = deadline
      observer?.verified?.(elapsedMs)
      return { verdict, findings: attempt.findings, at, elapsedMs }
    } catch (cause) {
      return this.refusal(cause)
    }
  }

  /** The decision for a call that could not be read, or that something else than the steps refuses. */
  refusal(cause: unknown): Decision {
    const verdict = { outcome: 'deny', denial: Denial.from(cause) } as const
    return { verdict, findings: {}, at: this.#now(), elapsedMs: 0 }
  }

  #now(): number {
    try {
      return this.#options.clock.now()
    } catch {
      return 0
    }
  }
}
