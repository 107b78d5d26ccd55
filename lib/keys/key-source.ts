import type { Ed25519Key } from './ed25519.ts'

/** A key that may verify signatures of one issuer. */
export interface VerificationKey extends Ed25519Key {
  readonly kid: string
  /** `alg` of the JWK when it has one; step 6 compares it with the token's. */
  readonly alg?: string
}

/**
 * - `key`: the issuer's last good document holds it.
 * - `unknown_kid`: the document is good and does not hold it.
 * - `invalid_document`: the issuer answered with something that is not a usable JWK set.
 * - `unreachable`: no answer from the issuer and nothing cached.
 */
export type KeyLookup =
  | { readonly found: 'key'; readonly key: VerificationKey }
  | { readonly found: 'unknown_kid' }
  | { readonly found: 'invalid_document' }
  | { readonly found: 'unreachable' }

/** The keys of the configured issuers. Never rejects for anything an issuer or caller does. */
export interface KeySource {
  /** Synchronous when the answer is cached, which is every call but the first few. */
  find(issuer: string, kid: string): KeyLookup | Promise<KeyLookup>
}
