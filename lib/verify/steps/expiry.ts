import { deny } from '../../denial.ts'
import type { Step } from '../step.ts'

/** 2100-01-01. Far-off times are a sign of milliseconds taken for seconds. Spec 1.3. */
const LATEST_EXPIRY = 4_102_444_800

/**
 * Step 8: the token is alive and was never meant to live long. At exactly `exp` plus the leeway it is
 * dead. Denies `token_expired`. Spec 4.1, 4.3, C-12.
 */
export const expiry: Step = {
  label: 8,
  name: 'expiry',
  run(attempt) {
    const { iat, exp } = attempt.found('claims')
    const { leewaySeconds, maxLifetimeSeconds } = attempt.settings
    if (exp > LATEST_EXPIRY) deny('exp_out_of_range', `exp ${exp}`)
    if (exp <= iat) deny('lifetime_not_positive', `iat ${iat}, exp ${exp}`)
    // Unbounded, one faulty issuer turns a minute-long token into a standing credential (W-03).
    if (exp - iat > maxLifetimeSeconds) deny('lifetime_too_long', `${exp - iat} s`)
    if (exp + leewaySeconds <= attempt.now) deny('expired', `exp ${exp}, now ${attempt.now}`)
  },
}
