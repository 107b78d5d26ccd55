import type { Claims, Payload, PolicyDocument } from '../../lib/index.ts'
import { InputError } from '../terminal/input-error.ts'

/**
 * Claims as policy sees them: those of the payload, and where it names no issuer or audience, the
 * first that the document is written for. Throws `InputError` without `sub` or `act`.
 */
export function toClaims(payload: Payload, { issuers, audiences }: PolicyDocument): Claims {
  const { sub, act, iss = issuers[0] ?? '', aud = audiences[0] ?? '' } = payload
  if (sub === undefined || act === undefined) {
    throw new InputError(`claims: "${sub === undefined ? 'sub' : 'act'}" is needed`)
  }
  // Policy never looks at times and id.
  return { iat: 0, exp: 0, jti: '', ...payload, iss, sub, aud, act }
}
