import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

export const JUDGEMENTS = ['valid', 'invalid', 'key_refused'] as const

/** What becomes of a signature; `key_refused` is a key that is not taken from a JWK set. */
export type Judgement = (typeof JUDGEMENTS)[number]

/** One signature of `test/vectors/ed25519*.json`. */
export interface SignatureVector {
  readonly file: string
  readonly name: string
  readonly key: Uint8Array
  readonly message: Uint8Array
  readonly signature: Uint8Array
  readonly result: Judgement
}

interface Format {
  /** Of `message`; everything else is hexadecimal. */
  readonly encoding: 'utf8' | 'hex'
  readonly members: readonly string[]
}

/** The kid of every one of these keys, and of the header of every message that is to be a token. */
export const SIGNATURE_KID = 'vector'

const FOLDER = resolve('test/vectors')
const FORMATS: Readonly<Record<string, Format>> = {
  'ed25519.json': {
    encoding: 'utf8',
    members: ['name', 'comment', 'flags', 'key', 'message', 'signature', 'result', 'jose'],
  },
  'ed25519-rfc8032.json': {
    encoding: 'hex',
    members: ['name', 'seed', 'key', 'message', 'signature'],
  },
}

/** Every vector of a signature. Throws for a file and for a member that is not known: a typo must not pass. */
export function readSignatureVectors(folder = FOLDER): readonly SignatureVector[] {
  return readdirSync(folder)
    .filter((file) => file.startsWith('ed25519') && file.endsWith('.json'))
    .flatMap((file) => {
      const format = FORMATS[file]
      if (format === undefined)
        throw new TypeError(`${file}: is no file of signatures that is known`)
      const { cases } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
      return (cases as Readonly<Record<string, string>>[]).map((row) => vectorOf(file, format, row))
    })
}

function vectorOf(
  file: string,
  { encoding, members }: Format,
  row: Readonly<Record<string, string>>,
): SignatureVector {
  const unknown = Object.keys(row).find((member) => !members.includes(member))
  if (unknown !== undefined)
    throw new TypeError(`${file}: ${row['name']}: unknown member ${unknown}`)
  // RFC 8032 has good ones only.
  const result = JUDGEMENTS.find((judgement) => judgement === (row['result'] ?? 'valid'))
  if (result === undefined) throw new TypeError(`${file}: ${row['name']}: unknown result`)
  const { name = '', key = '', message = '', signature = '' } = row
  return {
    file,
    name,
    key: Buffer.from(key, 'hex'),
    message: Buffer.from(message, encoding),
    signature: Buffer.from(signature, 'hex'),
    result,
  }
}

/** The key as a JWK set holds it. */
export function jwkOfVector({ key }: SignatureVector): object {
  const x = Buffer.from(key).toString('base64url')
  return { kty: 'OKP', crv: 'Ed25519', kid: SIGNATURE_KID, x }
}
