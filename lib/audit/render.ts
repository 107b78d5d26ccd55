import { escapeControls } from '../escape-controls.ts'
import type { AuditEvent } from './event.ts'

/** Enough for every honest value: a subject has at most 262 characters. */
const VALUE_LENGTH = 280
/** When honest lengths do not fit the line, every value is cut to this. */
const SHORT_VALUE_LENGTH = 24
/** nginx cuts a log line at 4096 bytes, its own prefix and suffix included. */
const LINE_BYTES = 3400

/**
 * One line of JSON without the line feed. Every value is bounded and every control character escaped,
 * so that nothing a caller wrote can end the line, forge another or be cut off by the log.
 */
export function renderAuditLine(event: AuditEvent): string {
  const line = render(event, VALUE_LENGTH)
  return Buffer.byteLength(line) <= LINE_BYTES ? line : render(event, SHORT_VALUE_LENGTH)
}

/** Member by member: `JSON.stringify` with a function for each value takes three times as long. */
function render(event: AuditEvent, length: number): string {
  let members = ''
  for (const name of Object.keys(event)) {
    const value = event[name]
    if (value === undefined) continue
    members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${JSON.stringify(cut(value, length))}`
  }
  return escapeControls(`{${members}}`)
}

function cut<T>(value: T, length: number): T | string {
  return typeof value === 'string' && value.length > length
    ? `${value.slice(0, length - 1)}…`
    : value
}
