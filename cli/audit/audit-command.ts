import { Command } from 'commander'
import { type Clock, systemClock } from '../../lib/index.ts'
import type { CliIo } from '../terminal/io.ts'
import { outputReady } from '../terminal/output-ready.ts'
import { AuditReader } from './audit-reader.ts'
import { filterOf } from './filter.ts'
import { addFilterOptions, type ReadingOptions } from './filter-options.ts'
import { reportSkipped } from './report-skipped.ts'
import type { StdoutReady } from './stdout-ready.ts'
import { summaryCommand } from './summary/summary-command.ts'
import { tailCommand } from './tail/tail-command.ts'
import { traceCommand } from './trace/trace-command.ts'
import { verifyCommand } from './verify-command.ts'

/** `oathmesh audit`: audit lines as clean NDJSON, from a file or out of Kong's error log. */
export function auditCommand(
  io: CliIo,
  clock: Clock = systemClock,
  stdoutReady: StdoutReady = () => outputReady(process.stdout),
): Command {
  const command = new Command('audit')
    .description("take audit lines out of files or Kong's error log, as one JSON object per line")
    .argument('[file...]', "audit files or Kong's error logs; - for standard input")
  return addFilterOptions(command, clock)
    .action(async (files: readonly string[], options: ReadingOptions) => {
      const reader = new AuditReader(files, filterOf(options))
      await print(reader, io, stdoutReady)
      reportSkipped(reader.skipped, options.strict === true, io)
    })
    .addCommand(summaryCommand(io, clock))
    .addCommand(tailCommand(io, clock, stdoutReady))
    .addCommand(traceCommand(io))
    .addCommand(verifyCommand(io))
}

async function print(reader: AuditReader, io: CliIo, stdoutReady: StdoutReady): Promise<void> {
  for await (const records of reader.read(io)) {
    const text = records.map((record) => `${record.text}\n`).join('')
    if (text !== '' && io.stdout.write(text) === false && (await stdoutReady()) === 'gone') return
  }
}
