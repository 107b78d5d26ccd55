/**
 * Lines for the operator. `fields` may hold text that came from a peer: whoever implements this
 * escapes control characters and bounds lengths.
 */
export interface Log {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

export const silentLog: Log = { info() {}, warn() {}, error() {} }
