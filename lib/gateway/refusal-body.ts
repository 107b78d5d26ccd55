import { randomUUID } from 'node:crypto'
import type { Denial } from '../denial.ts'
import type { VerifierSettings } from '../verify/verifier-settings.ts'
import type { ChallengeSettings } from './gateway-settings.ts'

/** Seconds after which a caller may try again when something we depend on was away. */
const RETRY_AFTER_SECONDS = 1

/** An answer to the client. */
export interface RefusalAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** To be sent as JSON. */
  readonly body: Readonly<Record<string, unknown>>
}

export interface RefusalTerms {
  readonly challenge: ChallengeSettings
  readonly verification: Pick<VerifierSettings, 'issuers' | 'audience' | 'binding'>
}

/**
 * The answer to a refused call. Code, message and fix come from the table of refusals alone; what is added to
 * 401 is the operator's configuration, so no claim and no fault ever reaches the client. Design 4.
 */
export function refusalAnswer(
  { refusal, step }: Denial,
  terms: RefusalTerms,
  requestId: string = randomUUID(),
): RefusalAnswer {
  const { code, status, message, fix } = refusal
  return {
    status,
    headers: {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      ...(status === 401 && { 'WWW-Authenticate': `OathMesh realm="${terms.challenge.realm}"` }),
      ...(status === 503 && { 'Retry-After': String(RETRY_AFTER_SECONDS) }),
    },
    body: {
      error: code,
      message,
      fix,
      ...(step !== undefined && { step }),
      request_id: requestId,
      ...(status === 401 && terms.challenge.tells === 'full' && whatToMint(terms)),
    },
  }
}

/** `issuer` is one name, or a list of several, as `aud` is in a JWT. */
function whatToMint({ verification: { issuers, audience, binding } }: RefusalTerms) {
  const names = issuers.map(({ issuer }) => issuer)
  return { issuer: names.length === 1 ? names[0] : names, audience, binding: binding.mode }
}
