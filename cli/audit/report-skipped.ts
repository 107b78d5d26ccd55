import type { CliIo } from '../terminal/io.ts'
import { count } from '../terminal/print.ts'
import type { Skipped } from './audit-reader.ts'

/** Says on stderr what was skipped. With `strict`, skipping anything ends with exit code 1. */
export function reportSkipped({ foreign, damaged }: Skipped, strict: boolean, io: CliIo): void {
  if (foreign > 0) io.stderr.write(`${count(foreign, 'line')} skipped: not of the plugin\n`)
  if (damaged > 0) io.stderr.write(`${count(damaged, 'line')} skipped: audit, but damaged\n`)
  if (strict && foreign + damaged > 0) io.setExitCode(1)
}
