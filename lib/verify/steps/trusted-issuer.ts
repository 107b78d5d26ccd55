import { deny } from '../../denial.ts'
import type { Step } from '../step.ts'

/**
 * Step 4: the token names an issuer of the configuration, byte for byte. The claim is not proven yet;
 * it only selects whose keys may prove it. Denies `issuer_untrusted`. Spec 3.2.
 */
export const trustedIssuer: Step = {
  label: 4,
  name: 'trusted issuer',
  run(attempt) {
    const { iss } = attempt.found('payload')
    if (!attempt.settings.issuers.some(({ issuer }) => issuer === iss)) deny('issuer_unknown', iss)
  },
}
