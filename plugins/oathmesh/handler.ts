import {
  type AuditEvent,
  auditEvent,
  type CallContext,
  type Caller,
  type Decision,
  Denial,
  type Log,
  type Verifier,
} from '../../lib/index.ts'
import type { PluginConfig } from '../../schema/plugin-config.ts'
import { fullContext, refusalContext } from './call-context.ts'
import { consumerHeaders, consumerName } from './consumer.ts'
import {
  identityHeaders,
  type Pass,
  passHeaders,
  type UpstreamHeaders,
} from './identity-headers.ts'
import type { HeaderLists, Kong, KongConsumer } from './kong.ts'
import { readCall, readHeaders } from './read-call.ts'
import { refuse } from './reply.ts'

/** Writes an audit line; Kong's own log needs the request it belongs to. */
export type AuditWriter = (kong: Kong, event: AuditEvent) => unknown

export interface HandlerOptions {
  readonly config: PluginConfig
  readonly verifier: Verifier
  /** Absent when nothing is audited. */
  readonly writeAudit: AuditWriter | undefined
  readonly log: Log
}

/** A decision and, where it allows, the consumer the caller stands for. */
interface Finding {
  readonly decision: Decision
  readonly consumer?: KongConsumer | undefined
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
      await this.#authenticate(kong)
    } catch (cause) {
      this.#fail(kong, cause)
    }
  }

  async #authenticate(kong: Kong): Promise<void> {
    let headers: HeaderLists
    try {
      headers = await readHeaders(kong)
    } catch (cause) {
      // Headers that cannot be seen cannot be removed either, so no mode lets this pass.
      const decision = this.#options.verifier.refusal(cause)
      return this.#refuse(kong, decision, await this.#record(kong, decision, true))
    }
    if (await this.#isLeftToOthers(kong)) return this.#pass(kong, 'anonymous', headers)
    await this.#settle(kong, headers, await this.#find(kong, headers))
  }

  /** Preflights and calls that another plugin has authenticated, where the configuration says so. */
  async #isLeftToOthers(kong: Kong): Promise<boolean> {
    const { run_on_preflight: onPreflight, anonymous } = this.#options.config
    if (!onPreflight && (await kong.request.get_method()) === 'OPTIONS') return true
    return anonymous !== undefined && Boolean(await kong.client.get_credential())
  }

  async #find(kong: Kong, headers: HeaderLists): Promise<Finding> {
    const { verifier, config } = this.#options
    const decision = await verifier.decide(readCall(kong, headers))
    const { verdict } = decision
    if (verdict.outcome === 'deny' || config.consumer.by === 'off') return { decision }
    const name = consumerName(config.consumer, verdict.caller.claims)
    const consumer = name === undefined ? null : await kong.client.load_consumer(name, true)
    if (consumer) return { decision, consumer }
    if (config.consumer.optional && config.anonymous === undefined) return { decision }
    const denial = new Denial('consumer_unknown', {}, 14)
    return { decision: { ...decision, verdict: { outcome: 'deny', denial } } }
  }

  async #settle(kong: Kong, headers: HeaderLists, { decision, consumer }: Finding): Promise<void> {
    const { verdict } = decision
    if (verdict.outcome === 'allow') {
      await this.#record(kong, decision, true)
      return this.#allow(kong, headers, verdict.caller, consumer)
    }
    const { enforcement, anonymous } = this.#options.config
    // Stripping the headers of the anonymous consumer would make an unverified call look like none.
    const anonymously = anonymous !== undefined && verdict.denial.refusal.status !== 400
    const enforced = enforcement === 'enforce' && !anonymously
    const context = await this.#record(kong, decision, enforced)
    if (enforced) return this.#refuse(kong, decision, context)
    if (anonymous === undefined) return this.#pass(kong, 'observe', headers)
    await this.#passAnonymously(kong, headers, anonymous, context)
  }

  async #allow(
    kong: Kong,
    headers: HeaderLists,
    caller: Caller,
    consumer: KongConsumer | undefined,
  ): Promise<void> {
    const { identity_headers: wanted } = this.#options.config
    const { sub } = caller.claims
    // The subject, not the token, is the credential: rate limits by credential must add up.
    if (consumer !== undefined) await kong.client.authenticate(consumer, { id: sub })
    await this.#pass(kong, 'allow', headers, {
      ...(consumer !== undefined && consumerHeaders(consumer, sub)),
      ...identityHeaders(caller, wanted),
    })
  }

  async #passAnonymously(
    kong: Kong,
    headers: HeaderLists,
    anonymous: string,
    { requestId }: CallContext,
  ): Promise<void> {
    const consumer = await kong.client.load_consumer(anonymous, true)
    if (!consumer) {
      this.#options.log.error('the anonymous consumer does not exist', { anonymous })
      const message = 'An unexpected error occurred'
      kong.response.exit(500, { message, request_id: requestId }, {})
      return
    }
    await kong.client.authenticate(consumer, null)
    await this.#pass(kong, 'anonymous', headers, consumerHeaders(consumer, undefined))
  }

  async #pass(
    kong: Kong,
    pass: Pass,
    received: HeaderLists,
    more?: UpstreamHeaders,
  ): Promise<void> {
    await kong.service.request.set_headers(passHeaders(pass, received, more))
  }

  #refuse(kong: Kong, { verdict }: Decision, { requestId }: CallContext): void {
    if (verdict.outcome === 'allow') return
    refuse(kong, verdict.denial, this.#options.config.realm, requestId)
  }

  /** Writes the audit line and gives what was asked of Kong for it. */
  async #record(kong: Kong, decision: Decision, enforced: boolean): Promise<CallContext> {
    const { config, writeAudit } = this.#options
    const context = await this.#contextOf(kong, decision.verdict.outcome)
    this.#report(decision, context)
    const event = auditEvent(decision, context, enforced)
    await writeAudit?.(kong, event)
    if (config.audit.serialize) {
      const { event: outcome, sub, act, jti, step, reason } = event
      await kong.log.set_serialize_value('oathmesh', { outcome, sub, act, jti, step, reason })
    }
    return context
  }

  #contextOf(kong: Kong, outcome: 'allow' | 'deny'): CallContext | Promise<CallContext> {
    if (this.#options.config.audit.context === 'full') return fullContext(kong)
    return outcome === 'deny' ? refusalContext(kong) : {}
  }

  /** A fault of ours is the operator's business; a refusal like any other is the audit's. */
  #report({ verdict }: Decision, { requestId }: CallContext): void {
    if (verdict.outcome === 'allow' || verdict.denial.reason !== 'internal_error') return
    this.#options.log.error('a call was refused because of an internal fault', {
      request_id: requestId,
      cause: stackOf(verdict.denial.cause),
    })
  }

  /** Something failed after the decision: refuse without asking Kong anything more. */
  #fail(kong: Kong, cause: unknown): void {
    this.#options.log.error('a call was refused because Kong could not be asked', {
      cause: stackOf(cause),
    })
    try {
      refuse(kong, Denial.from(cause), this.#options.config.realm)
    } catch {
      // Nothing is left to answer with. The marker header is missing, so the guard refuses.
    }
  }
}

function stackOf(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
