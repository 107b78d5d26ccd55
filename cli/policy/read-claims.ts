import type { Payload } from '../../lib/index.ts'
import { decodeBase64url } from '../../lib/token/base64url.ts'
import { readPayload } from '../../lib/token/payload.ts'
import { parseStrictJson } from '../../lib/token/strict-json.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { readInput } from '../terminal/read-input.ts'

/** One of both; `-` is standard input. */
export interface ClaimsOptions {
  readonly token?: string
  readonly claims?: string
}

/**
 * The claims of a token, whose signature is not looked at, or of JSON. Throws `InputError` that never
 * repeats the token.
 */
export async function readClaims({ token, claims }: ClaimsOptions, io: CliIo): Promise<Payload> {
  if ((token === undefined) === (claims === undefined)) {
    throw new InputError('policy explain: give either --token or --claims')
  }
  if (claims !== undefined) return payloadOf('--claims', await textOf(claims, io))
  return payloadOf('--token', bodyOf(await textOf(token ?? '', io)))
}

async function textOf(option: string, io: CliIo): Promise<string> {
  return option === '-' ? (await readInput('-', io)).toString('utf8') : option
}

/** The middle of a JWT, with or without the scheme it is sent under. RFC 7515, 7.1. */
function bodyOf(text: string): Uint8Array {
  const token = text.trim().replace(/^(?:OathMesh|Bearer) +/i, '')
  const [, body = '', ...rest] = token.split('.')
  const bytes = rest.length === 1 ? decodeBase64url(body) : undefined
  if (bytes === undefined) throw new InputError('--token: not three segments of base64url')
  return bytes
}

function payloadOf(option: string, json: Uint8Array | string): Payload {
  try {
    return readPayload(parseStrictJson(json))
  } catch (cause) {
    const why = cause instanceof TypeError ? cause.message : 'not a JSON object'
    throw new InputError(`${option}: ${why}`, { cause })
  }
}
