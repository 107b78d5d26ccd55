import type { StepLabel } from '../denial.ts'
import type { Attempt } from './attempt.ts'
import type { StepName } from './step-names.ts'

/** One check. Returns when the call passes it, throws a `Denial` when it does not. */
export interface Step {
  /** The protocol's number; absent for what is checked before the token is looked at. Spec 3.1. */
  readonly label?: StepLabel
  readonly name: StepName
  /** Returns a promise only where it has to wait: most calls never leave the current tick. */
  run(attempt: Attempt): void | Promise<void>
}
