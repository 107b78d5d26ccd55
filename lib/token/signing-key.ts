import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { SigningKey } from './mint.ts'

/** A public Ed25519 key as a JWK set publishes it. RFC 8037, 2. */
export interface PublicJwk {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  readonly kid: string
  readonly use: 'sig'
  readonly alg: 'EdDSA'
}

/**
 * Reads a private Ed25519 key, PKCS#8 in PEM. Its `kid` is the RFC 7638 thumbprint unless one is given,
 * so that every holder of the file names the key alike (W-34).
 * Throws `TypeError`, which quotes nothing of the text, for anything else.
 */
export function readSigningKey(pem: string | Uint8Array, kid?: string): SigningKey {
  const privateKey = parse(pem)
  return { kid: kid ?? thumbprint(privateKey), privateKey }
}

/** The public half of a signing key. */
export function publicJwk({ kid, privateKey }: SigningKey): PublicJwk {
  return { kty: 'OKP', crv: 'Ed25519', x: pointOf(privateKey), kid, use: 'sig', alg: 'EdDSA' }
}

/** RFC 7638, 3, over the required members of RFC 8037, 2. Takes either half of a key. */
export function thumbprint(key: KeyObject): string {
  const members = { crv: 'Ed25519', kty: 'OKP', x: pointOf(key) }
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url')
}

function parse(pem: string | Uint8Array): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey(Buffer.from(pem))
  } catch {
    // OpenSSL's message is about its decoders and helps nobody.
    throw new TypeError('not a private key in PEM')
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key')
  return key
}

function pointOf(key: KeyObject): string {
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
  if (x === undefined) throw new TypeError('not an Ed25519 key')
  return x
}
