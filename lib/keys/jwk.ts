import { createPublicKey } from 'node:crypto'
import { decodeBase64url, encodeBase64url } from '../token/base64url.ts'
import { isJsonObject, type JsonObject } from '../token/members.ts'
import { pointFault } from './ed25519-point.ts'
import type { VerificationKey } from './key-source.ts'

/** Bounds what a caller can make us remember: no longer `kid` is ever looked for. */
export const MAX_KID_LENGTH = 256

/** RFC 7518, 6: the private members of every key type. Whoever publishes one has lost the key. */
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv', 'seed'] as const

/**
 * Imports one public Ed25519 key. Throws `TypeError` with the reason, which never quotes a value,
 * for every other kind of entry. RFC 8037, 2; spec 5.2.
 */
export function readJwk(value: unknown): VerificationKey {
  if (!isJsonObject(value)) throw new TypeError('is not an object')
  const kid = member(value, 'kid')
  if (typeof kid !== 'string' || kid === '' || kid.length > MAX_KID_LENGTH) {
    throw new TypeError(`kid is not a string of 1 to ${MAX_KID_LENGTH} characters`)
  }
  if (hasPrivateMember(value)) throw new TypeError('holds a private key')
  if (member(value, 'kty') !== 'OKP') throw new TypeError('kty is not OKP')
  if (member(value, 'crv') !== 'Ed25519') throw new TypeError('crv is not Ed25519')
  checkPurpose(value)
  const point = readPoint(member(value, 'x'))
  const x = encodeBase64url(point)
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return Object.hasOwn(value, 'alg') ? { kid, key, point, alg: 'EdDSA' } : { kid, key, point }
}

export function hasPrivateMember(value: unknown): boolean {
  return isJsonObject(value) && PRIVATE_MEMBERS.some((name) => Object.hasOwn(value, name))
}

function checkPurpose(jwk: JsonObject): void {
  if (Object.hasOwn(jwk, 'use') && jwk['use'] !== 'sig') throw new TypeError('use is not sig')
  if (Object.hasOwn(jwk, 'alg') && jwk['alg'] !== 'EdDSA') throw new TypeError('alg is not EdDSA')
  if (!Object.hasOwn(jwk, 'key_ops')) return
  const operations = jwk['key_ops']
  if (!Array.isArray(operations) || !operations.includes('verify')) {
    throw new TypeError('key_ops lacks verify')
  }
}

function readPoint(x: unknown): Uint8Array {
  if (typeof x !== 'string') throw new TypeError('x is not a string')
  const bytes = decodeBase64url(x)
  if (bytes === undefined) throw new TypeError('x is not base64url')
  const fault = pointFault(bytes)
  if (fault !== undefined) throw new TypeError(fault)
  return bytes
}

function member(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}
