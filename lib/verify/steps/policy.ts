import { Denial } from '../../denial.ts'
import type { Step } from '../step.ts'

/** Step 14: policy allows the proven claims. Denies `policy_denied`. Spec 9. */
export const policy: Step = {
  label: 14,
  name: 'policy',
  run(attempt) {
    const { allow, rule } = attempt.ports.policy.decide(attempt.found('claims'))
    if (rule !== undefined) attempt.record('rule', rule)
    if (!allow) throw new Denial('policy', { rule })
  },
}
