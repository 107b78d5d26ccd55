import { escapeControls } from '../../../lib/index.ts'
import { painter } from '../../terminal/print.ts'
import type { AuditRecord } from '../audit-record.ts'

/** Room for the longest reasons, so that lines of a log stand under each other. */
const REASON_WIDTH = 22
const SUBJECT_WIDTH = 28

/** One decision on one line for a person: when, what, why, who, what for, from where, how long it took. */
export function tailLine(record: AuditRecord, color: boolean): string {
  const paint = painter(color)
  const { ts, event, step, reason, rule, sub, verified, act, src_ip, us } = record
  const refused = event === 'deny'
  const outcome = refused
    ? paint(record.enforced === false ? 'yellow' : 'red', 'deny ')
    : paint('green', 'allow')
  const why = refused ? (reason ?? '-') : (rule ?? '-')
  // What is not proven is only what somebody wrote.
  const who = sub === undefined ? '-' : verified === true ? sub : `${sub} (unverified)`
  const parts = [
    ts.slice(11, 23),
    outcome,
    String(step ?? '-').padStart(2),
    escapeControls(why).padEnd(REASON_WIDTH),
    escapeControls(who).padEnd(SUBJECT_WIDTH),
    escapeControls([act ?? '-', requestOf(record), src_ip].filter(Boolean).join('  ')),
    ...(us === undefined ? [] : [`${us} µs`]),
    ...(record.degraded === true ? [paint('yellow', 'degraded')] : []),
    ...(refused && record.enforced === false ? [paint('yellow', 'passed')] : []),
  ]
  return `${parts.join('  ')}\n`
}

function requestOf({ method, path, route }: AuditRecord): string | undefined {
  if (method === undefined && path === undefined) return route
  return [method, path, route === undefined ? undefined : `(${route})`].filter(Boolean).join(' ')
}
