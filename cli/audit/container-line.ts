import { parseStrictJson } from '../../lib/token/strict-json.ts'

/** A line as a container's runtime or journald keeps it, and what the program itself wrote. */
export interface Unwrapped {
  readonly text: string
  /** `stdout` or `stderr` where the record says so; else empty. */
  readonly stream: string
  /** More of the same line follows in the next record: runtimes cut lines at 16 KiB. */
  readonly partial: boolean
}

const INSTANT = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)`
/** Kubernetes' container runtimes: time, stream, tags of which the first says partial or full. */
const CRI = new RegExp(`^${INSTANT} (stdout|stderr) ([PF])(?::[\\w.:-]*)? `)
/** `docker compose logs`, `kubectl logs --prefix`, and the instant that `--timestamps` puts first. */
const NAMED = new RegExp(
  `^(?:[A-Za-z0-9][\\w.-]{0,127} +\\| |\\[pod/[\\w.-]+/[\\w.-]+\\] )(?:${INSTANT} )?`,
)
const TIMED = new RegExp(`^${INSTANT} `)

/**
 * Takes one wrapping off a line, or `undefined` where there is none. Each form is read strictly by its own
 * grammar and only at the beginning of the line, and what is inside is not unwrapped again: text that a
 * caller brings into somebody's log stays where it stands.
 */
export function unwrapLine(line: string): Unwrapped | undefined {
  if (line.startsWith('{')) return unwrapJson(line)
  const cri = CRI.exec(line)
  if (cri !== null) {
    const [head, stream = '', tag] = cri
    return { text: line.slice(head.length), stream, partial: tag === 'P' }
  }
  const prefix = NAMED.exec(line) ?? TIMED.exec(line)
  return prefix === null ? undefined : whole(line.slice(prefix[0].length))
}

function unwrapJson(line: string): Unwrapped | undefined {
  // Parsing what is an audit line already would double the work.
  if (line.startsWith('{"ts":"')) return undefined
  const record = parse(line)
  if (record === undefined) return undefined
  return unwrapDocker(record) ?? unwrapJournal(record)
}

/** Docker's `json-file`: `log`, `stream`, `time`, and `attrs` where labels are logged. */
function unwrapDocker(record: Readonly<Record<string, unknown>>): Unwrapped | undefined {
  const { log, stream, time, attrs, ...rest } = record
  if (typeof log !== 'string' || typeof time !== 'string' || Object.keys(rest).length > 0)
    return undefined
  if (stream !== 'stdout' && stream !== 'stderr') return undefined
  const ended = log.endsWith('\n')
  return { text: ended ? log.replace(/\r?\n$/, '') : log, stream, partial: !ended }
}

/** `journalctl -o json`: a message that is not plain text is a list of bytes. */
function unwrapJournal(record: Readonly<Record<string, unknown>>): Unwrapped | undefined {
  const { MESSAGE: message, __REALTIME_TIMESTAMP: time, _BOOT_ID: boot } = record
  if (typeof time !== 'string' || typeof boot !== 'string') return undefined
  if (typeof message === 'string') return whole(message)
  if (!Array.isArray(message) || !message.every(isByte)) return undefined
  return whole(Buffer.from(message).toString('utf8'))
}

function whole(text: string): Unwrapped {
  return { text, stream: '', partial: false }
}

function isByte(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 255
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseStrictJson(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
