import type { Step } from './step.ts'
import { algorithm } from './steps/algorithm.ts'
import { audience } from './steps/audience.ts'
import { binding } from './steps/binding.ts'
import { credentials } from './steps/credentials.ts'
import { expiry } from './steps/expiry.ts'
import { issuedAt } from './steps/issued-at.ts'
import { issuerScope } from './steps/issuer-scope.ts'
import { payload } from './steps/payload.ts'
import { policy } from './steps/policy.ts'
import { replay } from './steps/replay.ts'
import { requiredClaims } from './steps/required-claims.ts'
import { requirements } from './steps/requirements.ts'
import { revocation } from './steps/revocation.ts'
import { signature } from './steps/signature.ts'
import { signingKey } from './steps/signing-key.ts'
import { structure } from './steps/structure.ts'
import { subject } from './steps/subject.ts'
import { trustedIssuer } from './steps/trusted-issuer.ts'

/** Execution order. Labels are the protocol's numbers and need not ascend. Spec 3.1. */
// biome-ignore format: reads as a table
export const STEPS: readonly Step[] = [
  credentials,                              // the header, before any token
  structure, algorithm, payload,            // 1–3   read the token, trust nothing
  trustedIssuer, requiredClaims, subject,   // 4, 11 cheap refusals before any network
  signingKey, signature, issuerScope,       // 5–7   now the claims are proven
  expiry, issuedAt, audience, binding,      // 8–10, 12
  revocation, replay,                       // 13
  policy, requirements,                     // 14
]
