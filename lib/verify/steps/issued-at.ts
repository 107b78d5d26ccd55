import { deny } from '../../denial.ts'
import type { Step } from '../step.ts'

/**
 * Step 9: the token was not issued, and does not begin, in the future. Denies `token_expired`.
 * Spec 4.1.
 */
export const issuedAt: Step = {
  label: 9,
  name: 'issued at',
  run(attempt) {
    const { iat, nbf } = attempt.found('claims')
    const latest = attempt.now + attempt.settings.leewaySeconds
    if (iat >= latest) deny('issued_in_future', `iat ${iat}, now ${attempt.now}`)
    if (nbf !== undefined && nbf >= latest) deny('not_yet_valid', `nbf ${nbf}, now ${attempt.now}`)
  },
}
