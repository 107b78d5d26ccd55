import { deny } from '../../denial.ts'
import type { Step } from '../step.ts'

/**
 * Step 7: the proven issuer is trusted for the proven subject. The protocol asks here whether the
 * issuer is still trusted; settings cannot change during a call, so what is left to ask is what the
 * issuer may say. Denies `issuer_untrusted`. Spec 3.2.
 */
export const issuerScope: Step = {
  label: 7,
  name: 'issuer scope',
  run(attempt) {
    const { iss, sub } = attempt.found('claims')
    const trusted = attempt.settings.issuers.find(({ issuer }) => issuer === iss)
    if (trusted === undefined) deny('issuer_unknown', iss)
    if (!trusted.speaksFor(sub)) deny('issuer_not_for_subject', sub)
  },
}
