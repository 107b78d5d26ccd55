import type { Caller } from '../caller.ts'
import { Denial } from '../denial.ts'
import type { Attempt } from './attempt.ts'
import type { Deadline } from './deadline.ts'
import type { Observer } from './observer.ts'
import type { Step } from './step.ts'
import { STEPS } from './steps.ts'

export type Verdict =
  | { readonly outcome: 'allow'; readonly caller: Caller }
  | { readonly outcome: 'deny'; readonly denial: Denial }

export interface VerifyOptions {
  readonly steps?: readonly Step[]
  readonly observer?: Observer | undefined
}

/** Runs the steps in order and stops at the first refusal. Never rejects; takes as long as the deadline. */
export async function verify(
  attempt: Attempt,
  deadline: Deadline,
  { steps = STEPS, observer }: VerifyOptions = {},
): Promise<Verdict> {
  try {
    for (const step of steps) {
      const watcher = observer?.only?.has(step.name) === false ? undefined : observer
      const beganMs = watcher === undefined ? 0 : deadline.elapsedMs
      let denial: Denial | undefined
      try {
        const pending = step.run(attempt)
        if (pending !== undefined) await deadline.within(pending)
      } catch (cause) {
        denial = Denial.from(cause, step.label)
      }
      watcher?.stepped({ step, attempt, elapsedMs: deadline.elapsedMs - beganMs, denial })
      if (denial !== undefined) return { outcome: 'deny', denial }
    }
    return { outcome: 'allow', caller: callerOf(attempt) }
  } catch (cause) {
    return { outcome: 'deny', denial: Denial.from(cause) }
  }
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
