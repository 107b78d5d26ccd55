import { deny } from '../../denial.ts'
import type { Step } from '../step.ts'

/** Step 10: the token is meant for this API, byte for byte. Denies `audience_mismatch`. Spec 3.2. */
export const audience: Step = {
  label: 10,
  name: 'audience',
  run(attempt) {
    const { aud } = attempt.found('claims')
    if (aud !== attempt.settings.audience) deny('audience_mismatch', aud)
  },
}
