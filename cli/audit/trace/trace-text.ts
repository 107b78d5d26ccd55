import { escapeControls } from '../../../lib/index.ts'
import { count, painter } from '../../terminal/print.ts'
import type { AuditRecord } from '../audit-record.ts'

/** The life of a token for a person: one line for each thing that happened, oldest first. */
export function traceText(
  jti: string,
  records: readonly AuditRecord[],
  left: number,
  color: boolean,
): string {
  if (records.length === 0) return `no line names the token ${escapeControls(jti)}\n`
  const paint = painter(color)
  const lines = records.map((record) => {
    const style = record.event === 'deny' || record.event === 'refuse' ? 'red' : 'green'
    const what = `${record.ts}  ${paint(style, (VERBS[record.event] ?? record.event).padEnd(8))}`
    return `${what} ${escapeControls(detailsOf(record))}`
  })
  if (left > 0) lines.push(`… and ${count(left, 'line')} more`)
  return `${paint('bold', `token ${jti}`)}\n${lines.join('\n')}\n`
}

const VERBS: Readonly<Record<string, string>> = { mint: 'minted', allow: 'allowed', deny: 'denied' }

function detailsOf(record: AuditRecord): string {
  const { event, sub, act, aud, rule, caller, reason, step } = record
  if (event === 'mint') {
    return list(
      sub,
      act && `to ${act}`,
      aud && `at ${aud}`,
      caller && `for ${caller}`,
      rule && `by rule ${rule}`,
    )
  }
  const { gateway, route, method, path, verified, enforced, degraded } = record
  return list(
    gateway && `by ${gateway}`,
    route && `on route ${route}`,
    method && `${method} ${path ?? ''}`.trim(),
    step !== undefined && event === 'deny' && `at step ${step}`,
    reason,
    enforced === false && event === 'deny' && 'but let through',
    degraded === true && 'while the replay store was away',
    verified === false && 'claims not verified',
  )
}

function list(...parts: readonly (string | false | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== false && part !== '').join(', ')
}
