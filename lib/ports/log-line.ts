import { escapeControls } from '../escape-controls.ts'
import type { LogFields } from './log.ts'

const LINE_LENGTH = 1500

/** A message and its fields as one line for a person: controls escaped, length bounded. */
export function logLine(message: string, fields: LogFields = {}): string {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined)
  const text = [message, ...pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`)]
  return escapeControls(text.join(' ').slice(0, LINE_LENGTH))
}
