import { Command } from 'commander'
import type { CliIo } from '../../terminal/io.ts'
import { AuditReader } from '../audit-reader.ts'
import type { AuditRecord } from '../audit-record.ts'
import { reportSkipped } from '../report-skipped.ts'
import { traceText } from './trace-text.ts'

interface TraceOptions {
  readonly jti: string
  readonly json?: true
}

/** One token has one mint and one use; whoever replays it may be loud. */
const MOST_LINES = 10_000

/** `oathmesh audit trace`: the life of one token, out of the issuer's lines and those of every gateway. */
export function traceCommand(io: CliIo): Command {
  const command = new Command('trace')
    .description('tell the life of one token, from its mint to its use')
    .argument(
      '[file...]',
      "audit files of issuer and gateways, or Kong's error logs; - for standard input",
    )
    .requiredOption('--jti <id>', 'id of the token')
    .option('--json', 'print the lines as JSON, oldest first')
    .addHelpText(
      'after',
      '\nClaims of a line that is not verified are what a caller wrote, perhaps another one.' +
        '\nExit codes: 0 found, 1 no line names the token, 2 wrong usage or unreadable file',
    )
  return command.action((files: readonly string[]) =>
    trace(files, command.optsWithGlobals<TraceOptions>(), io),
  )
}

async function trace(
  files: readonly string[],
  { jti, json }: TraceOptions,
  io: CliIo,
): Promise<void> {
  const reader = new AuditReader(
    files,
    (record) => record.jti === jti,
    () => true,
  )
  const found: AuditRecord[] = []
  let left = 0
  for await (const records of reader.read(io)) {
    const room = MOST_LINES - found.length
    found.push(...records.slice(0, room))
    left += Math.max(0, records.length - room)
  }
  // Instants of one form are in the order of their texts; lines of one instant stay as they came.
  const lines = found.toSorted((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : 0))
  if (json) {
    const parsed = lines.map(({ text }) => JSON.parse(text) as unknown)
    io.stdout.write(`${JSON.stringify({ jti, lines: parsed, left_out: left }, null, 2)}\n`)
  } else io.stdout.write(traceText(jti, lines, left, io.stdout.color))
  if (lines.length === 0) io.setExitCode(1)
  reportSkipped(reader.skipped, false, io)
}
