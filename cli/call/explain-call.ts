import { escapeControls } from '../../lib/index.ts'
import type { CliIo } from '../terminal/io.ts'
import { painter } from '../terminal/print.ts'

/** Members of a refusal by a gateway; what an upstream answers has other ones. */
const REFUSAL = ['error', 'step', 'message', 'fix', 'issuer', 'audience', 'binding', 'request_id']

/** Says on standard error what the token claimed, and where and why the gateway refused it. */
export function explainCall(sent: Request, answer: Response, body: string, io: CliIo): void {
  const paint = painter(io.stderr.color)
  const lines = ['the token said', ...rows(claimsOf(sent))]
  const refusal = refusalIn(answer, body)
  if (refusal === undefined) {
    lines.push(`${answer.status}: not a refusal of the gateway, but an answer of the API behind it`)
  } else {
    lines.push(paint('red', `the gateway refused it: ${answer.status}`), ...rows(refusal))
    if (refusal['error'] === 'policy_denied') {
      lines.push(
        '  which rule: "oathmesh explain --config kong.yml#route", or the audit line of request_id',
      )
    }
  }
  io.stderr.write(`${lines.join('\n')}\n`)
}

function claimsOf({ headers }: Request): Readonly<Record<string, unknown>> {
  const [, payload = ''] = headers.get('authorization')?.split('.') ?? []
  try {
    return Object(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))) as Record<
      string,
      unknown
    >
  } catch {
    return {}
  }
}

function refusalIn(answer: Response, body: string): Readonly<Record<string, unknown>> | undefined {
  if (answer.status < 400) return undefined
  try {
    const value = Object(JSON.parse(body)) as Record<string, unknown>
    if (typeof value['error'] !== 'string' || typeof value['fix'] !== 'string') return undefined
    return Object.fromEntries(
      REFUSAL.flatMap((name) => (value[name] === undefined ? [] : [[name, value[name]]])),
    )
  } catch {
    return undefined
  }
}

function rows(members: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(members).map(([name, value]) => {
    const shown = typeof value === 'string' ? value : JSON.stringify(value)
    return escapeControls(`  ${name.padEnd(10)} ${shown}`)
  })
}
