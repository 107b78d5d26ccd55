import { type KeyObject, verify } from 'node:crypto'

const SIGNATURE_BYTES = 64

/**
 * Whether this is the signature of the message under the key: Ed25519, cofactorless, as RFC 8032,
 * 5.1.7 with the check that OpenSSL makes. Never throws for bytes of a caller.
 *
 * OpenSSL refuses S >= L, so no second signature can be made from a first one, and compares the
 * encoding of R, so a non-canonical R never passes. It takes any 32 bytes for a key, though, and
 * anybody can sign for a point of small order: such keys are refused where they are read.
 * `test/vectors/ed25519.json` holds it to all of this.
 */
export function verifyEd25519(message: Uint8Array, signature: Uint8Array, key: KeyObject): boolean {
  return signature.length === SIGNATURE_BYTES && verify(null, message, key, signature)
}
