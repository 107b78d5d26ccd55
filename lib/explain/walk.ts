import type { Denial, StepLabel } from '../denial.ts'
import type { Step } from '../verify/step.ts'
import type { StepName } from '../verify/step-names.ts'
import { STEPS } from '../verify/steps.ts'
import type { Verifier } from '../verify/verifier.ts'
import type { GivenCall } from './given-call.ts'
import { finding } from './step-findings.ts'

/** How one step went. `unknown`: it needs something about the request that was not given. */
export interface StepReport {
  /** The protocol's number; 0 for what comes before the token. */
  readonly step: StepLabel | 0
  readonly name: StepName
  readonly outcome: 'passed' | 'refused' | 'unknown' | 'not_reached'
  /** What the step found, or why it refused. */
  readonly finding?: string
}

export interface Walk {
  readonly outcome: 'allow' | 'deny' | 'unknown'
  readonly steps: readonly StepReport[]
  /** With `deny`. */
  readonly denial?: Denial
}

/**
 * Sends a call through the steps that gateways run, in their order, and notes where each one got. `lacking` is what
 * there is to say of a step that needs what was not given.
 */
export async function walk(
  call: GivenCall,
  verifier: Verifier,
  lacking = 'depends on the request, which was not given',
): Promise<Walk> {
  const passed = new Map<Step, string>()
  const { verdict } = await verifier.decide(call, {
    stepped({ step, attempt, denial }) {
      if (denial === undefined) passed.set(step, finding(step.name, attempt))
    },
  })
  if (verdict.outcome === 'allow') {
    return { outcome: 'allow', steps: STEPS.map((step) => reportOf(step, passed, undefined)) }
  }
  const { denial } = verdict
  const stopped = STEPS[passed.size]
  const outcome = call.lacking ? 'unknown' : 'refused'
  const stop = { step: stopped, outcome, finding: call.lacking ? lacking : whyOf(denial) } as const
  const steps = STEPS.map((step) => reportOf(step, passed, stop))
  return call.lacking ? { outcome: 'unknown', steps } : { outcome: 'deny', steps, denial }
}

interface Stop {
  readonly step: Step | undefined
  readonly outcome: 'refused' | 'unknown'
  readonly finding: string
}

function reportOf(
  step: Step,
  passed: ReadonlyMap<Step, string>,
  stop: Stop | undefined,
): StepReport {
  const { label = 0, name } = step
  const found = passed.get(step)
  if (found !== undefined) return { step: label, name, outcome: 'passed', finding: found }
  if (step !== stop?.step) return { step: label, name, outcome: 'not_reached' }
  return { step: label, name, outcome: stop.outcome, finding: stop.finding }
}

function whyOf({ auditReason, detail }: Denial): string {
  return detail === undefined ? auditReason : `${auditReason}: ${detail}`
}
