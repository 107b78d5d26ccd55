import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as jose from 'jose'
import { type Ed25519Engine, nodeCrypto, verifyEd25519 } from '../../../lib/keys/ed25519.ts'
import { pointFault } from '../../../lib/keys/ed25519-point.ts'
import { readJwk } from '../../../lib/keys/jwk.ts'
import { loadSodiumNative } from '../../../lib/keys/sodium-native.ts'
import { newKey } from './fixture.ts'
import * as reference from './reference-ed25519.ts'

const { flattenedVerify, importJWK } = jose

interface SignatureCase {
  readonly name: string
  readonly comment?: string
  readonly flags: readonly string[]
  /** Hexadecimal. */
  readonly key: string
  /** Text: the signing input of a JWS. */
  readonly message: string
  /** Hexadecimal. */
  readonly signature: string
  readonly result: 'valid' | 'invalid' | 'key_refused'
  /** What jose says where it differs. */
  readonly jose?: 'accepts' | 'rejects'
}

const sodium = loadSodiumNative()
if (sodium === undefined) throw new Error('sodium-native is not installed: npm ci')
const ENGINES: readonly Ed25519Engine[] = [nodeCrypto, sodium]

const read = (name: string) =>
  JSON.parse(readFileSync(join(__dirname, '../../vectors', name), 'utf8'))
const { flags, cases } = read('ed25519.json') as {
  flags: Record<string, string>
  cases: SignatureCase[]
}
const rfc8032 = read('ed25519-rfc8032.json').cases as Record<
  'name' | 'seed' | 'key' | 'message' | 'signature',
  string
>[]

const bytes = (hex: string) => Buffer.from(hex, 'hex')
const jwk = (keyHex: string) => ({
  kty: 'OKP',
  crv: 'Ed25519',
  kid: 'vector',
  x: bytes(keyHex).toString('base64url'),
})

describe('the table of signatures', () => {
  test('is well formed', () => {
    const members = ['name', 'comment', 'flags', 'key', 'message', 'signature', 'result', 'jose']
    for (const vector of cases) {
      expect(Object.keys(vector).filter((member) => !members.includes(member))).toEqual([])
      expect(['valid', 'invalid', 'key_refused']).toContain(vector.result)
    }
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
    expect(new Set(cases.flatMap((vector) => vector.flags))).toEqual(new Set(Object.keys(flags)))
    expect(cases.length).toBeGreaterThanOrEqual(60)
  })

  test.each(cases)('$result: $name', async ({ key, message, signature, result, jose }) => {
    const input = Buffer.from(message)
    for (const engine of ENGINES) {
      expect(verdict(key, input, bytes(signature), engine)).toBe(result)
    }
    const expected = jose === undefined ? result === 'valid' : jose === 'accepts'
    expect(await joseAccepts(key, message, signature)).toBe(expected)
    if (result !== 'key_refused') {
      expect(reference.verifyReference(input, bytes(signature), bytes(key))).toBe(expected)
    }
  })
})

function verdict(
  key: string,
  message: Uint8Array,
  signature: Uint8Array,
  engine?: Ed25519Engine,
): SignatureCase['result'] {
  try {
    return verifyEd25519(message, signature, readJwk(jwk(key)), engine) ? 'valid' : 'invalid'
  } catch {
    return 'key_refused'
  }
}

async function joseAccepts(key: string, message: string, signature: string): Promise<boolean> {
  const [header = '', payload = ''] = message.split('.')
  try {
    const imported = await importJWK(jwk(key), 'EdDSA')
    const encoded = bytes(signature).toString('base64url')
    await flattenedVerify({ protected: header, payload, signature: encoded }, imported)
    return true
  } catch {
    return false
  }
}

describe('the vectors of RFC 8032', () => {
  test.each(rfc8032)('$name', ({ seed, key, message, signature }) => {
    const der = Buffer.concat([bytes('302e020100300506032b657004220420'), bytes(seed)])
    const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })

    expect(sign(null, bytes(message), privateKey).toString('hex')).toBe(signature)
    expect(verdict(key, bytes(message), bytes(signature))).toBe('valid')
    expect(reference.verifyReference(bytes(message), bytes(signature), bytes(key))).toBe(true)
    const tampered = bytes(signature)
    tampered[0] = (tampered[0] ?? 0) ^ 1
    expect(verdict(key, bytes(message), tampered)).toBe('invalid')
  })
})

describe('a point', () => {
  test('is refused in all fourteen encodings of the eight points of small order', () => {
    const encodings = smallOrderEncodings()
    expect(new Set(encodings).size).toBe(14)
    for (const encoding of encodings) expect(pointFault(bytes(encoding))).toBeDefined()
  })

  test('is judged as the reference does, whatever the bytes', () => {
    let seen = 0
    for (let n = 0; n < 300; n++) {
      const candidate = reference.encodeInteger(
        reference.integer(
          Buffer.from(newKey('n').publicKey.export({ format: 'jwk' }).x ?? '', 'base64url'),
        ) ^ BigInt(n),
      )
      const isPoint = reference.decodePoint(candidate) !== undefined
      expect(pointFault(candidate) === undefined).toBe(isPoint)
      if (isPoint) seen++
    }
    // About half of all y have an x.
    expect(seen).toBeGreaterThan(90)
    expect(seen).toBeLessThan(210)
  })

  test('is accepted when a real key pair brings it', () => {
    for (let n = 0; n < 50; n++) expect(() => readJwk(newKey('k').jwk)).not.toThrow()
  })
})

/** The multiples of a point of order 8, with and without the sign bit, and y + p where it fits. */
function smallOrderEncodings(): string[] {
  const eighth = reference.decodePoint(
    bytes('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
  )
  if (eighth === undefined) throw new Error('not a point')
  const encodings = new Set<string>()
  for (let factor = 0n; factor < 8n; factor++) {
    const point = reference.encodePoint(reference.multiply(eighth, factor))
    const y = BigInt.asUintN(255, reference.integer(point))
    for (const alias of [y, y + 2n ** 255n - 19n]) {
      if (alias >= 2n ** 255n) continue
      for (const sign of [0n, 1n]) {
        encodings.add(Buffer.from(reference.encodeInteger(alias | (sign << 255n))).toString('hex'))
      }
    }
  }
  return [...encodings]
}

test('a signature of any length is answered, never thrown about', () => {
  const { privateKey, jwk } = newKey('k')
  const key = readJwk(jwk)
  const message = Buffer.from('a.b')
  const good = sign(null, message, privateKey)
  for (let length = 0; length <= 200; length++) {
    const signature = Buffer.concat([good, Buffer.alloc(200)]).subarray(0, length)
    for (const engine of ENGINES) {
      expect(verifyEd25519(message, signature, key, engine)).toBe(length === 64)
    }
  }
})
