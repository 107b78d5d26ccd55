import { Denial, deny } from '../../denial.ts'
import type { Attempt } from '../attempt.ts'
import type { Step } from '../step.ts'

/**
 * Step 14, first half: policy allows the proven claims. Waits only for a policy file that is being
 * read for the first time. Denies `policy_denied`, and `policy_not_loaded` while no version of that
 * file has been valid. Spec 9.
 */
export const policy: Step = {
  label: 14,
  name: 'policy',
  run(attempt) {
    const { loading } = attempt.ports.policy
    return loading === undefined ? decide(attempt) : loading.then(() => decide(attempt))
  },
}

function decide(attempt: Attempt): void {
  const { allow, rule, unavailable } = attempt.ports.policy.decide(attempt.found('claims'))
  if (unavailable) deny('policy_not_loaded')
  if (rule !== undefined) attempt.record('rule', rule)
  if (!allow) throw new Denial('policy', { rule })
}
