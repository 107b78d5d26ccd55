import { type KeyObject, sign } from 'node:crypto'
import { encodeBase64url } from './base64url.ts'
import type { Claims } from './claims.ts'

/** A private Ed25519 key and the name under which its public half is published. */
export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
}

/** Signs the claims as they are into an `om+jwt` in JWS compact serialization. RFC 7515, 7.1; spec 1. */
export function mint(claims: Claims, { kid, privateKey }: SigningKey): string {
  return signCompact({ typ: 'om+jwt', alg: 'EdDSA', kid }, claims, privateKey)
}

/** Signs any header and payload. Only tests and tools have a use for others than `mint` makes. */
export function signCompact(header: object, payload: object, privateKey: KeyObject): string {
  const signingInput = `${segment(header)}.${segment(payload)}`
  return `${signingInput}.${encodeBase64url(sign(null, Buffer.from(signingInput), privateKey))}`
}

function segment(value: object): string {
  return encodeBase64url(JSON.stringify(value))
}
