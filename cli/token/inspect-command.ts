import { Command } from 'commander'
import { escapeControls } from '../../lib/index.ts'
import { decodeBase64url } from '../../lib/token/base64url.ts'
import { parseStrictJson } from '../../lib/token/strict-json.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { readAuthorization, TOKEN_ARGUMENT } from './read-token.ts'

type Members = Readonly<Record<string, unknown>>

interface Decoded {
  readonly header: Members
  readonly payload: Members
  readonly signatureBytes: number | undefined
}

const TIMES = new Set(['iat', 'exp', 'nbf'])
const HELP = `
Nothing is verified: whoever wrote the token chose what it says. "oathmesh explain" verifies.

Examples:
  $ oathmesh inspect - < token.txt
  $ oathmesh inspect @token.txt --json

Exit codes: 0 decoded, 2 wrong usage or not a token`

/** `oathmesh inspect`: what a token says, whether or not it is true. */
export function inspectCommand(io: CliIo): Command {
  return new Command('inspect')
    .description('decode a token without verifying it')
    .argument('[token]', TOKEN_ARGUMENT, '-')
    .option('--json', 'print header and payload as JSON')
    .addHelpText('after', HELP)
    .action(async (argument: string, { json }: { readonly json?: true }) => {
      const decoded = decode(await readAuthorization(argument, io))
      const { header, payload } = decoded
      const result = { verified: false, header, payload }
      io.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : textOf(decoded))
      io.stderr.write('The signature has not been verified.\n')
    })
}

function decode(authorization: string): Decoded {
  const token = authorization.replace(/^\S+[ \t]+/, '')
  const [header = '', payload = '', signature = '', ...rest] = token.split('.')
  if (rest.length > 0 || signature === '') throw new InputError('not a token: not three segments')
  return {
    header: membersOf('header', header),
    payload: membersOf('payload', payload),
    signatureBytes: decodeBase64url(signature)?.length,
  }
}

function membersOf(part: string, segment: string): Members {
  const bytes = decodeBase64url(segment)
  if (bytes === undefined) throw new InputError(`not a token: the ${part} is not base64url`)
  let value: unknown
  try {
    value = parseStrictJson(bytes)
  } catch {
    throw new InputError(`not a token: the ${part} is not JSON with unique member names`)
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members
  throw new InputError(`not a token: the ${part} is not a JSON object`)
}

function textOf({ header, payload, signatureBytes }: Decoded): string {
  const signature = signatureBytes === undefined ? 'not base64url' : `${signatureBytes} bytes`
  return ['header', ...lines(header), 'payload', ...lines(payload), `signature  ${signature}`, '']
    .map(escapeControls)
    .join('\n')
}

function lines(members: Members): readonly string[] {
  const width = Math.max(...Object.keys(members).map((name) => name.length))
  return Object.entries(members).map(([name, value]) => {
    const time = TIMES.has(name) ? timeText(value) : ''
    return `  ${name.padEnd(width)}  ${JSON.stringify(value)}${time}`
  })
}

function timeText(value: unknown): string {
  const date = new Date(typeof value === 'number' ? value * 1000 : Number.NaN)
  return Number.isNaN(date.getTime()) ? '' : `  ${date.toISOString().replace('.000Z', 'Z')}`
}
