import { createPublicKey, type KeyObject } from 'node:crypto'
import { readJwk } from '../../lib/keys/jwk.ts'
import { type PublicJwk, thumbprint } from '../../lib/token/signing-key.ts'
import { parseStrictJson } from '../../lib/token/strict-json.ts'

type JsonObject = Readonly<Record<string, unknown>>

/**
 * The public keys in the text of a file: a PEM, private or public, a JWK or a JWK set. No private part
 * survives. Throws `TypeError` for a key that no gateway would accept.
 */
export function publicKeysOf(text: string): readonly PublicJwk[] {
  if (!text.trimStart().startsWith('{')) return [checked(pemKey(text))]
  const value = parse(text)
  const entries = Array.isArray(value['keys']) ? value['keys'] : [value]
  return entries.map((entry: unknown) => {
    if (!isObject(entry)) throw new TypeError('not a JWK')
    const { kty, crv, x, kid } = entry
    return checked(jwkKey({ kty, crv, x }), typeof kid === 'string' ? kid : undefined)
  })
}

/** What the key publishes, held to what gateways demand of keys. */
function checked(key: KeyObject, kid = thumbprint(key)): PublicJwk {
  const x = key.export({ format: 'jwk' }).x ?? ''
  const jwk: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x, kid, use: 'sig', alg: 'EdDSA' }
  readJwk(jwk)
  return jwk
}

function pemKey(text: string): KeyObject {
  return imported(() => createPublicKey(text), 'not a key in PEM, a JWK or a JWK set')
}

function jwkKey(key: JsonObject): KeyObject {
  return imported(() => createPublicKey({ key, format: 'jwk' }), 'not an Ed25519 JWK')
}

function imported(read: () => KeyObject, otherwise: string): KeyObject {
  let key: KeyObject
  try {
    key = read()
  } catch {
    throw new TypeError(otherwise)
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('not an Ed25519 key')
  return key
}

function parse(text: string): JsonObject {
  try {
    const value = parseStrictJson(text)
    if (isObject(value)) return value
  } catch {
    // Not the parser's message: it quotes the text, which may hold a private key.
  }
  throw new TypeError('not a JWK or JWK set')
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
