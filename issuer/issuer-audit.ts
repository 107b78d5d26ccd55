import type { AuditSink } from '../lib/audit/audit-sink.ts'
import { renderAuditLine } from '../lib/audit/render.ts'
import { type Clock, formatInstant } from '../lib/ports/clock.ts'
import type { IssuerMeter } from './issuer-meter.ts'
import type { MintCaller } from './mint-caller.ts'
import type { Minted } from './minter.ts'
import type { IssuerRefusal } from './refusal.ts'

/** What is known of one request, whatever becomes of it. */
export interface AuditedRequest {
  readonly id: string
  /** Address of the socket's other end. */
  readonly peer: string
  readonly route: string
  readonly caller?: MintCaller | undefined
  /** What was asked for, as far as it could be read. */
  readonly wanted?:
    | { readonly sub?: string; readonly aud?: string; readonly act?: string }
    | undefined
}

/**
 * One line of JSON for each token minted, each refusal and each change of the revocations, bounded and
 * escaped as a gateway's are. Never a token, a secret, or a claim that nobody has proven or asked for.
 */
export class IssuerAudit {
  readonly #sink: AuditSink
  readonly #clock: Clock
  readonly #meter: IssuerMeter | undefined

  /** `meter` is told of every line. */
  constructor(sink: AuditSink, clock: Clock, meter?: IssuerMeter) {
    this.#sink = sink
    this.#clock = clock
    this.#meter = meter
  }

  minted(request: AuditedRequest, { claims, key, rule }: Minted): void {
    const { jti, sub, act, aud, env, tenant, scope, src } = claims
    this.#meter?.minted(request.caller)
    this.#write('mint', request, {
      jti,
      sub,
      act,
      aud,
      kid: key.kid,
      env,
      tenant,
      scope: scope?.join(' '),
      src_type: src?.type,
      src_repo: src?.repo,
      src_workflow: src?.workflow,
      src_run_id: src?.run_id,
      rule,
      ttl: claims.exp - claims.iat,
      status: 200,
    })
  }

  refused(request: AuditedRequest, { reason, answer, details }: IssuerRefusal): void {
    const { sub, aud, act } = request.wanted ?? {}
    this.#meter?.refused(request.caller, reason)
    this.#write('refuse', request, {
      reason,
      sub: sub ?? request.caller?.identity?.sub,
      act,
      aud,
      rule: details.rule,
      field: details.field,
      detail: details.detail,
      code: answer.code,
      status: answer.status,
    })
  }

  revocation(event: 'revoke' | 'unrevoke', request: AuditedRequest, sub: string): void {
    this.#meter?.changed(event)
    this.#write(event, request, { sub, status: 200 })
  }

  #write(
    event: string,
    { id, peer, route, caller }: AuditedRequest,
    members: Readonly<Record<string, string | number | undefined>>,
  ): void {
    const ts = formatInstant(this.#clock.now())
    const { reason, ...rest } = members
    const origin = { request_id: id, src_ip: peer, route }
    this.#sink.write(
      renderAuditLine({ ts, event, reason, caller: caller?.name, ...rest, ...origin }),
    )
  }
}
