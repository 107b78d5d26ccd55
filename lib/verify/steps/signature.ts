import { deny } from '../../denial.ts'
import { verifyEd25519 } from '../../keys/ed25519.ts'
import { decodeBase64url } from '../../token/base64url.ts'
import type { Step } from '../step.ts'

/**
 * Step 6: the key fits the algorithm and the signature verifies over the bytes as received.
 * Denies `algorithm_not_allowed`, `signature_invalid`. RFC 8032, 5.1.7; spec 3.2.
 */
export const signature: Step = {
  label: 6,
  name: 'signature',
  run(attempt) {
    const key = attempt.found('key')
    if (key.alg !== undefined && key.alg !== attempt.found('header').alg) deny('alg_key_mismatch')
    const segments = attempt.found('segments')
    const bytes = decodeBase64url(segments.signature) ?? deny('signature_encoding')
    // Its parts have been decoded, so they are ASCII.
    const signed = Buffer.from(segments.signingInput, 'latin1')
    if (!verifyEd25519(signed, bytes, key, attempt.ports.ed25519)) deny('bad_signature')
    attempt.record('verified', true)
  },
}
