import type { RequestLine } from '../../call.ts'
import { deny } from '../../denial.ts'
import type { Attempt } from '../attempt.ts'
import type { Step } from '../step.ts'

/**
 * Step 14, second half: the declared action and scopes are those that this request requires. With
 * policy alone, a token for reading could delete (W-23). Denies `policy_denied`. Design 4.
 */
export const requirements: Step = {
  label: 14,
  name: 'requirements',
  run(attempt) {
    if (!attempt.settings.requirements.needsRequestLine) return check(attempt, undefined)
    return attempt.call.requestLine().then((line) => check(attempt, line))
  },
}

function check(attempt: Attempt, line: RequestLine | undefined): void {
  const outcome = attempt.settings.requirements.check(attempt.found('claims'), line)
  if (outcome !== 'ok') deny(outcome)
}
