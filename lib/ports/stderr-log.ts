import { escapeControls } from '../escape-controls.ts'
import type { Log, LogFields } from './log.ts'

const LINE_LENGTH = 1500

type Level = 'info' | 'warn' | 'error'

/** Lines on standard error, which Kong copies into its error log: one per call, escaped and bounded. */
export const stderrLog: Log = {
  info: (message, fields) => write('info', message, fields),
  warn: (message, fields) => write('warn', message, fields),
  error: (message, fields) => write('error', message, fields),
}

function write(level: Level, message: string, fields: LogFields = {}): void {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined)
  const text = [message, ...pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`)]
  process.stderr.write(
    `[oathmesh] ${level}: ${escapeControls(text.join(' ').slice(0, LINE_LENGTH))}\n`,
  )
}
