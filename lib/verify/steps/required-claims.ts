import { deny } from '../../denial.ts'
import type { Claims, Payload } from '../../token/claims.ts'
import type { Step } from '../step.ts'

/**
 * Step 11: every required claim is there; the first missing one is reported. `iss` has been seen by
 * step 4. Denies `claim_missing:<claim>`. Spec 1.3, 3.2.
 */
export const requiredClaims: Step = {
  label: 11,
  name: 'required claims',
  run(attempt) {
    attempt.record('claims', complete(attempt.found('payload')))
  },
}

function complete(payload: Payload): Claims {
  return {
    ...payload,
    iss: payload.iss ?? deny('issuer_unknown'),
    sub: payload.sub ?? deny('sub_missing'),
    aud: payload.aud ?? deny('aud_missing'),
    act: payload.act ?? deny('act_missing'),
    iat: payload.iat ?? deny('iat_missing'),
    exp: payload.exp ?? deny('exp_missing'),
    jti: payload.jti ?? deny('jti_missing'),
  }
}
