import { randomUUID } from 'node:crypto'
import { type AuditEvent, auditEvent, type CallContext } from '../audit/event.ts'
import { Denial } from '../denial.ts'
import type { Log } from '../ports/log.ts'
import { traceParentOf } from '../trace/trace-parent.ts'
import type { Tracing } from '../trace/tracing.ts'
import type { Observer } from '../verify/observer.ts'
import type { Decision, Verifier } from '../verify/verifier.ts'
import type { Answer, PassAnswer, Recorded, RefuseAnswer } from './answer.ts'
import { type Disposition, decide } from './decide.ts'
import type { GatewayCall } from './gateway-call.ts'
import type { GatewaySettings } from './gateway-settings.ts'
import { valuesOf } from './header-lists.ts'
import { identityHeaders } from './identity-headers.ts'
import { type OurHeaders, ourHeaders } from './our-headers.ts'
import { type Pass, passHeaders } from './pass-headers.ts'
import { refusalAnswer } from './refusal-body.ts'

/** Takes the line of a decision, or gives it back as text where the gateway's own log is for it. */
export type AuditTrail = (event: AuditEvent) => string | undefined

/** Is told of every decision: for metrics and traces. It must not throw. */
export interface DecisionObserver {
  decided(as: Pass | 'refuse', decision: Decision): void
}

export interface GatewayParts {
  /** `gateway` of the audit line. */
  readonly name?: string | undefined
  readonly settings: GatewaySettings
  readonly verifier: Verifier
  readonly trail: AuditTrail
  readonly log: Log
  readonly observer?: DecisionObserver | undefined
  readonly tracing?: Tracing | undefined
  /** Why calls cannot be decided on yet; empty when they can. */
  readonly lacks?: (() => readonly string[]) | undefined
}

/**
 * What any gateway does around a verdict, for one entity. The host reads a request, asks, and applies the
 * answer; it lets a call pass on nothing but `outcome: 'pass'`.
 */
export class Gateway {
  readonly #parts: GatewayParts
  readonly #ours: OurHeaders

  constructor(parts: GatewayParts) {
    this.#parts = parts
    this.#ours = ourHeaders(parts.settings.passing.accountHeaders)
  }

  /** Why no call can be decided on yet, in words without anything secret; empty when they can. */
  lacks(): readonly string[] {
    return this.#parts.lacks?.() ?? []
  }

  /** Never rejects; every fault is a refusal. The answer's audit line has been written, but for `logLine`. */
  async decide(call: GatewayCall): Promise<Answer> {
    const { tracing } = this.#parts
    const parent = traceParentOf(valuesOf(call.headers, 'traceparent'))
    if (tracing === undefined) return this.#decide(call, parent?.traceId)
    return tracing.call(parent, (trace) => this.#decide(call, trace.traceId, trace))
  }

  async #decide(call: GatewayCall, traceId?: string, observer?: Observer): Promise<Answer> {
    const { verifier, settings } = this.#parts
    const traced = traceId === undefined ? call : withTraceId(call, traceId)
    try {
      const deciders = { verifier, passing: settings.passing, ours: this.#ours, observer }
      return await this.#answer(traced, await decide(call, deciders))
    } catch (cause) {
      return this.refuse(traced, cause)
    }
  }

  /** The answer to a call that could not be read, in whatever mode: what is unseen cannot be removed. */
  async refuse(
    call: Pick<TracedCall, 'context' | 'traceId'>,
    cause: unknown,
  ): Promise<RefuseAnswer> {
    const decision = this.#parts.verifier.refusal(cause)
    const context = await call.context('who').catch((): CallContext => ({}))
    return this.#refusal(decision, context, call.traceId)
  }

  /** The answer when the host cannot be asked any more. Nothing is recorded but the operator's line. */
  fault(cause: unknown): RefuseAnswer {
    const denial = Denial.from(cause)
    this.#parts.log.error('a call was refused because the gateway could not be asked', {
      cause: stackOf(cause),
    })
    return { outcome: 'refuse', ...refusalAnswer(denial, this.#parts.settings) }
  }

  async #answer(call: TracedCall, disposition: Disposition): Promise<Answer> {
    if (disposition.as === 'left') return this.#pass('anonymous', call, disposition)
    const { as, decision } = disposition
    const context = await this.#contextOf(call, decision)
    const { traceId } = call
    if (as === 'refuse') return this.#refusal(decision, context, traceId)
    if (as === 'nobody') return this.#misconfigured(decision, context, traceId)
    return this.#pass(as, call, disposition, this.#record(as, decision, context, traceId))
  }

  #pass(
    as: Pass,
    { headers: received }: Pick<GatewayCall, 'headers'>,
    disposition: Exclude<Disposition, { as: 'refuse' | 'nobody' }>,
    recorded: Recorded = {},
  ): PassAnswer {
    const { identityHeaders: wanted } = this.#parts.settings.passing
    const account = 'account' in disposition ? disposition.account : undefined
    const caller = disposition.as === 'allow' ? disposition.caller : undefined
    const set = { ...account?.headers, ...(caller && identityHeaders(caller, wanted)) }
    const changes = passHeaders({ pass: as, received, ours: this.#ours, set })
    return { outcome: 'pass', as, caller, account, ...changes, ...recorded }
  }

  #refusal(decision: Decision, context: CallContext, traceId?: string): RefuseAnswer {
    const recorded = this.#record('refuse', decision, context, traceId)
    const { verdict } = decision
    const denial = verdict.outcome === 'deny' ? verdict.denial : new Denial('internal_error')
    return {
      outcome: 'refuse',
      ...refusalAnswer(denial, this.#parts.settings, context.requestId),
      ...recorded,
    }
  }

  /** The operator's fault, so neither the table of refusals nor the caller has anything to say. */
  #misconfigured(decision: Decision, context: CallContext, traceId?: string): RefuseAnswer {
    this.#parts.log.error('the anonymous account does not exist: the call was refused')
    const { requestId = randomUUID() } = context
    return {
      outcome: 'refuse',
      status: 500,
      headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' },
      body: { message: 'An unexpected error occurred', request_id: requestId },
      ...this.#record('refuse', decision, context, traceId),
    }
  }

  #contextOf(
    call: Pick<GatewayCall, 'context'>,
    { verdict }: Decision,
  ): Promise<CallContext> | CallContext {
    if (this.#parts.settings.audit.context === 'full') return call.context('all')
    return verdict.outcome === 'deny' ? call.context('who') : {}
  }

  /** Every decision is one line and one call of the observer. */
  #record(
    as: Pass | 'refuse',
    decision: Decision,
    context: CallContext,
    traceId?: string,
  ): Recorded {
    const { verdict } = decision
    this.#parts.observer?.decided(as, decision)
    if (verdict.outcome === 'deny' && verdict.denial.reason === 'internal_error') {
      this.#parts.log.error('a call was refused because of an internal fault', {
        request_id: context.requestId,
        cause: stackOf(verdict.denial.cause),
      })
    }
    const gateway = this.#parts.name
    const event = auditEvent(decision, context, { gateway, traceId, enforced: as === 'refuse' })
    return { event, logLine: this.#parts.trail(event) }
  }
}

/** A call of which the trace is known. */
interface TracedCall extends Pick<GatewayCall, 'headers' | 'context'> {
  readonly traceId?: string | undefined
}

function withTraceId(call: GatewayCall, traceId: string): TracedCall {
  return { headers: call.headers, context: (wanted) => call.context(wanted), traceId }
}

function stackOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
