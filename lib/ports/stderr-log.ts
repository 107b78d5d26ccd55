import type { Log, LogFields } from './log.ts'
import { logLine } from './log-line.ts'

type Level = 'info' | 'warn' | 'error'

/** Lines on standard error, which Kong copies into its error log: one per call, escaped and bounded. */
export const stderrLog: Log = {
  info: (message, fields) => write('info', message, fields),
  warn: (message, fields) => write('warn', message, fields),
  error: (message, fields) => write('error', message, fields),
}

function write(level: Level, message: string, fields?: LogFields): void {
  process.stderr.write(`[oathmesh] ${level}: ${logLine(message, fields)}\n`)
}
