import { type KeyObject, verify } from 'node:crypto'
import { isPlainSignature } from './ed25519-signature.ts'

/** A public key in both forms that engines take. Only keys that `readJwk` lets in come here. */
export interface Ed25519Key {
  readonly key: KeyObject
  /** RFC 8032, 5.1.5: 32 bytes. */
  readonly point: Uint8Array
}

/** A library that verifies signatures: Ed25519, cofactorless, as RFC 8032, 5.1.7. */
export interface Ed25519Engine {
  readonly name: 'node:crypto' | 'sodium-native'
  /** `signature` is plain, in the sense of `isPlainSignature`. */
  verify(message: Uint8Array, signature: Uint8Array, key: Ed25519Key): boolean
}

export const nodeCrypto: Ed25519Engine = {
  name: 'node:crypto',
  verify: (message, signature, { key }) => verify(null, message, key, signature),
}

/**
 * Whether this is the signature of the message under the key, the same for every engine: what libraries
 * disagree on is refused before any is asked. Never throws for bytes of a caller.
 *
 * Keys are not looked at here. Libraries take different ones of 32 bytes for a key, and anybody can sign for a
 * point of small order: such keys are refused where they are read. `test/vectors/ed25519.json` holds both
 * engines to all of this.
 */
export function verifyEd25519(
  message: Uint8Array,
  signature: Uint8Array,
  key: Ed25519Key,
  engine: Ed25519Engine = nodeCrypto,
): boolean {
  return isPlainSignature(signature) && engine.verify(message, signature, key)
}
