import type { Caller } from '../caller.ts'
import { Denial } from '../denial.ts'
import type { Attempt } from './attempt.ts'
import type { Deadline } from './deadline.ts'
import { STEPS } from './steps.ts'

export type Verdict =
  | { readonly outcome: 'allow'; readonly caller: Caller }
  | { readonly outcome: 'deny'; readonly denial: Denial }

/** Runs the steps in order and stops at the first refusal. Never rejects; takes as long as the deadline. */
export async function verify(
  attempt: Attempt,
  deadline: Deadline,
  steps = STEPS,
): Promise<Verdict> {
  for (const step of steps) {
    try {
      const pending = step.run(attempt)
      if (pending !== undefined) await deadline.within(pending)
    } catch (cause) {
      return { outcome: 'deny', denial: Denial.from(cause, step.label) }
    }
  }
  return { outcome: 'allow', caller: callerOf(attempt) }
}

function callerOf(attempt: Attempt): Caller {
  const { rule } = attempt.findings
  return {
    claims: attempt.found('claims'),
    kid: attempt.found('key').kid,
    ...(rule !== undefined && { rule }),
    degraded: attempt.found('use') === 'known_good',
  }
}
