import { type AuditRecord, parseAuditRecord } from './audit-record.ts'

/** `foreign`: somebody else's line. `damaged`: it stands where an audit line stands, but is none. */
export type Reading = AuditRecord | 'foreign' | 'damaged'

/**
 * What nginx and Kong put before an audit line: time, level, process, connection, then Kong's format
 * `[kong] file:line [plugin] `. The file is Kong's own, through which plugin servers call
 * `kong.log.notice`; plugins in Lua log from files of other names.
 */
const KONG_PREFIX =
  /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \[notice\] \d+#\d+: (?:\*\d+ )?\[kong\] (?:mp|pb)_rpc\.lua:\d+ \[oathmesh\] (?=\{)/

/**
 * Reads one line, without its line feed, of an audit file or of Kong's error log.
 *
 * Only the beginning of a line counts. nginx repeats the caller's request line and Host header at
 * the end of every line, and others log what callers send: an object found there is never taken.
 */
export function readAuditLine(line: string): Reading {
  if (line.startsWith('{')) {
    return parseAuditRecord(line) ?? (line.startsWith('{"ts":"') ? 'damaged' : 'foreign')
  }
  const prefix = KONG_PREFIX.exec(line)?.[0]
  if (prefix === undefined) return 'foreign'
  const end = objectEnd(line, prefix.length)
  // nginx separates what it appends with a comma and a space. A line that it had to cut has no end.
  const rest = line.slice(end)
  if (rest !== '' && !rest.startsWith(', ')) return 'damaged'
  return parseAuditRecord(line.slice(prefix.length, end)) ?? 'damaged'
}

/** The offset after the first brace outside of a string: audit lines do not nest. */
function objectEnd(line: string, start: number): number {
  let quoted = false
  for (let at = start; at < line.length; at++) {
    const char = line[at]
    if (char === '"') quoted = !quoted
    else if (quoted && char === '\\') at++
    else if (!quoted && char === '}') return at + 1
  }
  return line.length
}
