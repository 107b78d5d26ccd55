import type { AuditEvent } from '../../../lib/audit/event.ts'
import { renderAuditLine } from '../../../lib/audit/render.ts'

/** An audit line as the plugin writes it: a replay, unless told otherwise. */
export function auditLine(members: AuditEvent = {}): string {
  return renderAuditLine({
    ts: '2026-11-24T03:09:03.000Z',
    event: 'deny',
    step: 13,
    reason: 'jti_replay',
    sub: 'agent://ci/bot',
    verified: true,
    enforced: true,
    us: 628,
    ...members,
  })
}

/** A line of Kong's error log, as nginx writes it for a message. */
export function kongLine(message: string, request = 'GET / HTTP/1.1'): string {
  return (
    `2026/11/24 03:09:03 [notice] 1234#0: *567 ${message}, client: 127.0.0.1, server: kong, ` +
    `request: "${request}", host: "api.test", request_id: "9c10452e1049d27e4210c4983aea2699"`
  )
}

/** The beginning of a message of the plugin. */
export const PLUGIN = '[kong] mp_rpc.lua:131 [oathmesh] '
