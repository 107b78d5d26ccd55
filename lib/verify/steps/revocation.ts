import { deny } from '../../denial.ts'
import type { Attempt } from '../attempt.ts'
import type { Step } from '../step.ts'

/**
 * Step 13, first half: the subject has not been revoked. One question to the store answers this and
 * the next step: a second round trip would cost every call. Denies `subject_revoked`. Spec 8.
 */
export const revocation: Step = {
  label: 13,
  name: 'revocation',
  run(attempt) {
    const { iss, jti, sub, iat, exp } = attempt.found('claims')
    const { audience, leewaySeconds, entity } = attempt.settings
    const outcome = attempt.ports.replay.claim(
      {
        issuer: iss,
        tokenId: jti,
        subject: sub,
        issuedAt: iat,
        acceptableUntil: exp + leewaySeconds,
        leewaySeconds,
        token: attempt.found('token'),
        realm: `${audience}\n${entity}`,
      },
      attempt.now,
    )
    if (!(outcome instanceof Promise)) return settle(attempt, outcome)
    return outcome.then((use) => settle(attempt, use))
  },
}

function settle(
  attempt: Attempt,
  use: Awaited<ReturnType<typeof attempt.ports.replay.claim>>,
): void {
  attempt.record('use', use)
  if (use === 'revoked') deny('subject_revoked')
}
