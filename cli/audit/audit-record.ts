import { escapeControls } from '../../lib/index.ts'

/** One audit line that a gateway or the issuer has written. The members that commands look at; `text` is all of it. */
export interface AuditRecord {
  /** RFC 3339, UTC, milliseconds: the order of the texts is the order of the instants. */
  readonly ts: string
  /**
   * `allow` or `deny` of a gateway; `mint`, `refuse`, `revoke` or `unrevoke` of the issuer; any other word
   * belongs to the chain that seals the lines.
   */
  readonly event: string
  readonly step?: number
  readonly reason?: string
  readonly jti?: string
  readonly sub?: string
  readonly act?: string
  readonly aud?: string
  /** The rule that decided, of a gateway's policy or of the issuer's. */
  readonly rule?: string
  /** Who asked the issuer. */
  readonly caller?: string
  readonly gateway?: string
  readonly method?: string
  readonly path?: string
  readonly route?: string
  readonly src_ip?: string
  /** Microseconds that the decision took. */
  readonly us?: number
  /** Whether the claims were proven; otherwise they are only what the caller wrote. */
  readonly verified?: boolean
  readonly enforced?: boolean
  readonly degraded?: boolean
  /** The line itself, one JSON object in which no character acts on a terminal. */
  readonly text: string
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

type Check = (value: unknown) => boolean
const isText: Check = (value) => typeof value === 'string'
const isFlag: Check = (value) => typeof value === 'boolean'
const isStep: Check = (value) => Number.isInteger(value)
const CHECKS: ReadonlyMap<string, Check> = new Map([
  ['ts', (value) => typeof value === 'string' && INSTANT.test(value)],
  ['event', isText],
  ['step', isStep],
  ['reason', isText],
  ...['jti', 'sub', 'act', 'aud', 'rule', 'caller', 'gateway', 'method', 'path'].map(
    (name): [string, Check] => [name, isText],
  ),
  ['route', isText],
  ['src_ip', isText],
  ['us', (value) => typeof value === 'number' && value >= 0],
  ['verified', isFlag],
  ['enforced', isFlag],
  ['degraded', isFlag],
])

/** The record that a line of JSON holds, or `undefined` when the plugin cannot have written it so. */
export function parseAuditRecord(line: string): AuditRecord | undefined {
  const value = parse(line)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  // Space, reordering by a parser and a member that stands twice are not of the plugin's making.
  const text = escapeControls(JSON.stringify(value))
  if (text !== line && text !== escapeControls(line)) return undefined
  const members = Object.entries(value)
  if (members[0]?.[0] !== 'ts' || members[1]?.[0] !== 'event') return undefined
  if (!members.every(([name, member]) => fits(name, member))) return undefined
  return { ...(value as Omit<AuditRecord, 'text'>), text }
}

/** Whether the line decides on a call. */
export function isDecision({ event }: AuditRecord): boolean {
  return event === 'allow' || event === 'deny'
}

/** Members of later versions are let through; none is an object or a list. */
function fits(name: string, value: unknown): boolean {
  const check = CHECKS.get(name)
  return check === undefined ? typeof value !== 'object' : check(value)
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
