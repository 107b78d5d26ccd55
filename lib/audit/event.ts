import { LAST_STEP } from '../denial.ts'
import { formatInstant } from '../ports/clock.ts'
import type { Decision } from '../verify/verifier.ts'

/** What only the gateway knows about a call. Absent where it was not asked for. */
export interface CallContext {
  readonly requestId?: string | undefined
  readonly clientAddress?: string | undefined
  readonly method?: string | undefined
  readonly path?: string | undefined
  readonly route?: string | undefined
  readonly service?: string | undefined
}

/** One audit line before it is written. Members stand in the order of the line; absent rather than empty. */
export type AuditEvent = Readonly<Record<string, string | number | boolean | undefined>>

/** What is known of every call without asking anyone, and whether a refusal was carried out. */
export interface Circumstances {
  readonly gateway?: string | undefined
  readonly traceId?: string | undefined
  readonly enforced: boolean
}

/** Describes one decision. Design 6; the meaning of each `reason` is in `docs/audit.md`. */
export function auditEvent(
  decision: Decision,
  context: CallContext,
  { gateway, traceId, enforced }: Circumstances,
): AuditEvent {
  const { verdict, findings, at, elapsedMs } = decision
  const claims = findings.payload
  const denial = verdict.outcome === 'deny' ? verdict.denial : undefined
  return {
    ts: formatInstant(at),
    event: verdict.outcome,
    step: denial === undefined ? LAST_STEP : denial.step,
    reason: denial?.auditReason,
    jti: claims?.jti,
    sub: claims?.sub,
    act: claims?.act,
    iss: claims?.iss,
    aud: claims?.aud,
    kid: findings.header?.kid,
    env: claims?.env,
    tenant: claims?.tenant,
    rule: findings.rule,
    code: denial?.refusal.code,
    status: denial?.refusal.status,
    // Before step 6 the claims above are only what the caller wrote (W-24).
    verified: findings.verified ?? false,
    enforced: denial === undefined ? undefined : enforced,
    degraded: findings.use === 'known_good' ? true : undefined,
    gateway,
    request_id: context.requestId,
    trace_id: traceId,
    src_ip: context.clientAddress,
    method: context.method,
    path: context.path,
    route: context.route,
    service: context.service,
    us: Math.round(elapsedMs * 1000),
  }
}
