import type { Denial } from '../denial.ts'
import type { Attempt } from './attempt.ts'
import type { Step } from './step.ts'
import type { StepName } from './step-names.ts'

/** How one step of one attempt went. */
export interface StepRun {
  readonly step: Step
  readonly attempt: Attempt
  /** Waiting included. */
  readonly elapsedMs: number
  /** Absent when the call has passed the step. */
  readonly denial: Denial | undefined
}

/**
 * Is told of every step that has run, in order: for metrics, traces and explanations. It must not
 * throw: a fault of an observer refuses the call like any other.
 */
export interface Observer {
  /** The steps that it wants to hear of; all of them, where absent. A reading of the clock is not free. */
  readonly only?: ReadonlySet<StepName>
  stepped(run: StepRun): void
  /** All steps that had to run have run, in so long. */
  verified?(elapsedMs: number): void
}

/** Tells two observers where there are two. */
export function both(
  first: Observer | undefined,
  second: Observer | undefined,
): Observer | undefined {
  if (first === undefined || second === undefined) return first ?? second
  return {
    stepped(run) {
      first.stepped(run)
      second.stepped(run)
    },
    verified(elapsedMs) {
      first.verified?.(elapsedMs)
      second.verified?.(elapsedMs)
    },
  }
}
