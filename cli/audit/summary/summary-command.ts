import { Command, InvalidArgumentError } from 'commander'
import type { Clock } from '../../../lib/index.ts'
import { InputError } from '../../terminal/input-error.ts'
import type { CliIo } from '../../terminal/io.ts'
import { count } from '../../terminal/print.ts'
import { AuditReader } from '../audit-reader.ts'
import { filterOf } from '../filter.ts'
import { addFilterOptions, type ReadingOptions } from '../filter-options.ts'
import { reportSkipped } from '../report-skipped.ts'
import { Summary } from './summary.ts'
import { summaryJson } from './summary-json.ts'
import { summaryText } from './summary-text.ts'

interface SummaryOptions extends ReadingOptions {
  readonly top?: number
  readonly json?: true
}

/** Rows that fit a screen with all its tables. */
const TOP = 10

/** `oathmesh audit summary`: who and what is not ready for enforcement, and what else was decided. */
export function summaryCommand(io: CliIo, clock: Clock): Command {
  const command = new Command('summary')
    .description('count decisions by outcome, step, reason, subject, route, rule, address and time')
    .argument('[file...]', "audit files or Kong's error logs; - for standard input")
    .option('--top <n>', `rows per table; without, ${TOP}, and with --json all`, positive)
    .option('--json', 'print the counts as JSON')
  return addFilterOptions(command, clock).action((files: readonly string[]) =>
    // Options that `audit` has too are taken by it, wherever they stand.
    summarise(files, command.optsWithGlobals<SummaryOptions>(), io),
  )
}

async function summarise(
  files: readonly string[],
  { top, json, strict, ...filter }: SummaryOptions,
  io: CliIo,
): Promise<void> {
  const reader = new AuditReader(files, filterOf(filter))
  const summary = new Summary()
  for await (const records of reader.read(io)) {
    for (const record of records) summary.add(record)
  }
  if (reader.lines === 0) throw new InputError(nothingIn(reader, files))
  const counts = summary.counts()
  io.stdout.write(
    json ? summaryJson(counts, top, reader) : summaryText(counts, top ?? TOP, io.stdout.color),
  )
  reportSkipped(reader.skipped, strict === true, io)
}

/** A gate that passes on nothing is none: the wrong file, or one that its sink has left. */
function nothingIn({ skipped }: AuditReader, files: readonly string[]): string {
  const where = files.length === 0 ? 'standard input' : files.join(', ')
  const others = count(skipped.foreign + skipped.damaged, 'other line')
  return `${where}: expected audit lines, found none and ${others}`
}

function positive(value: string): number {
  if (!/^[1-9]\d{0,8}$/.test(value)) throw new InvalidArgumentError('Expected 1 or more.')
  return Number(value)
}
