import { deny, type Reason } from '../../denial.ts'
import type { KeyLookup } from '../../keys/key-source.ts'
import type { Attempt } from '../attempt.ts'
import type { Step } from '../step.ts'

const REASONS = {
  unknown_kid: 'kid_unknown',
  invalid_document: 'jwks_invalid',
  unreachable: 'issuer_unreachable',
} as const satisfies Record<Exclude<KeyLookup['found'], 'key'>, Reason>

/**
 * Step 5: the issuer publishes the key that the header names. Waits only while the issuer's keys are
 * not cached. Denies `issuer_untrusted`; `verification_failed` with 503 when the issuer is away.
 * Spec 3.2, 5.
 */
export const signingKey: Step = {
  label: 5,
  name: 'signing key',
  run(attempt) {
    const kid = attempt.found('header').kid ?? deny('kid_missing')
    const lookup = attempt.ports.keys.find(attempt.found('claims').iss, kid)
    if (!(lookup instanceof Promise)) return settle(attempt, lookup)
    return lookup.then((found) => settle(attempt, found))
  },
}

function settle(attempt: Attempt, lookup: KeyLookup): void {
  if (lookup.found !== 'key') deny(REASONS[lookup.found])
  attempt.record('key', lookup.key)
}
