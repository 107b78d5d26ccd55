import {
  auditEvent,
  type CallContext,
  type Decision,
  Denial,
  type Log,
  renderAuditLine,
  type Verifier,
} from '../../lib/index.ts'
import type { IdentityHeader } from '../../schema/plugin-config.ts'
import { fullContext, refusalContext } from './call-context.ts'
import { upstreamHeaders } from './identity-headers.ts'
import type { HeaderLists, Kong } from './kong.ts'
import { readCall, readHeaders } from './read-call.ts'
import { refuse } from './reply.ts'

/** Takes a rendered audit line; Kong's own log needs the request it belongs to. */
export type LineWriter = (kong: Kong, line: string) => unknown

export interface HandlerOptions {
  readonly verifier: Verifier
  /** Absent when nothing is audited. */
  readonly writeLine: LineWriter | undefined
  readonly auditContext: 'minimal' | 'full'
  readonly identityHeaders: readonly IdentityHeader[]
  readonly realm: string
  readonly log: Log
}

/** The access phase for one plugin entity. */
export class Handler {
  readonly #options: HandlerOptions

  constructor(options: HandlerOptions) {
    this.#options = options
  }

  /** Kong forwards the request if this rejects, so it never does. */
  async access(kong: Kong): Promise<void> {
    try {
      const { decision, headers } = await this.#decide(kong)
      await this.#settle(kong, decision, headers)
    } catch (cause) {
      this.#fail(kong, cause)
    }
  }

  async #decide(kong: Kong): Promise<{ decision: Decision; headers: HeaderLists }> {
    const { verifier } = this.#options
    let headers: HeaderLists = {}
    try {
      headers = await readHeaders(kong)
      return { headers, decision: await verifier.decide(readCall(kong, headers)) }
    } catch (cause) {
      return { headers, decision: verifier.refusal(cause) }
    }
  }

  async #settle(kong: Kong, decision: Decision, headers: HeaderLists): Promise<void> {
    const { verdict } = decision
    const context = await this.#contextOf(kong, verdict.outcome)
    this.#report(decision, context)
    await this.#options.writeLine?.(kong, renderAuditLine(auditEvent(decision, context)))
    if (verdict.outcome === 'deny') {
      return refuse(kong, verdict.denial, this.#options.realm, context.requestId)
    }
    const { identityHeaders } = this.#options
    await kong.service.request.set_headers(
      upstreamHeaders(verdict.caller, identityHeaders, headers),
    )
  }

  #contextOf(kong: Kong, outcome: 'allow' | 'deny'): CallContext | Promise<CallContext> {
    if (this.#options.auditContext === 'full') return fullContext(kong)
    return outcome === 'deny' ? refusalContext(kong) : {}
  }

  /** A fault of ours is the operator's business; a refusal like any other is the audit's. */
  #report({ verdict }: Decision, { requestId }: CallContext): void {
    if (verdict.outcome === 'allow' || verdict.denial.reason !== 'internal_error') return
    const { cause } = verdict.denial
    this.#options.log.error('a call was refused because of an internal fault', {
      request_id: requestId,
      cause: cause instanceof Error ? cause.stack : String(cause),
    })
  }

  /** Something failed after the decision: refuse without asking Kong anything more. */
  #fail(kong: Kong, cause: unknown): void {
    const denial = Denial.from(cause)
    this.#options.log.error('a call was refused because Kong could not be asked', {
      cause: cause instanceof Error ? cause.stack : String(cause),
    })
    try {
      refuse(kong, denial, this.#options.realm)
    } catch {
      // Nothing is left to answer with. The marker header is missing, so the guard refuses.
    }
  }
}
