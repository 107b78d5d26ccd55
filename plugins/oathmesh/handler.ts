import type { Answer, Gateway, HeaderLists, PassAnswer, RefuseAnswer } from '../../lib/index.ts'
import type { PluginConfig } from '../../schema/plugin-config.ts'
import type { GuardSight } from './guard-sight.ts'
import type { Kong } from './kong.ts'
import { KongAccounts } from './kong-accounts.ts'
import { Asked, KongCall } from './kong-call.ts'
import type { OperatorLog } from './operator-log.ts'
import { readHeaders } from './read-headers.ts'

/** Removes a header. */
const NOTHING: readonly string[] = []

export interface HandlerOptions {
  readonly config: PluginConfig
  readonly gateway: Gateway
  readonly log: OperatorLog
  /** Absent where nobody wants to know. */
  readonly guard?: GuardSight
}

/**
 * The access phase for one plugin entity: reads the request, asks the core, applies its answer. What is asked of
 * Kong together is asked at once, so that on the ProtoBuf wire it travels together.
 */
export class Handler {
  readonly #options: HandlerOptions

  constructor(options: HandlerOptions) {
    this.#options = options
  }

  lacks(): readonly string[] {
    return this.#options.gateway.lacks()
  }

  /** Kong forwards the request if this rejects, so it never does. */
  async access(kong: Kong): Promise<void> {
    try {
      const answer = await this.#ask(kong)
      if (answer.outcome === 'pass') await this.#pass(kong, answer)
      else this.#refuse(kong, answer)
    } catch (cause) {
      this.#fail(kong, cause)
    }
  }

  async #ask(kong: Kong): Promise<Answer> {
    const { gateway, config, guard } = this.#options
    const asked = new Asked(kong)
    const reading = readHeaders(kong)
    // After the headers, which on MessagePack would have to wait for the answer.
    guard?.look(kong)
    // Every line needs all of it, so it travels with the headers.
    if (config.audit.context === 'full') asked.context('all').catch(() => {})
    let headers: HeaderLists
    try {
      headers = await reading
    } catch (cause) {
      return gateway.refuse(asked, cause)
    }
    const accounts =
      config.consumer.by === 'off' ? undefined : new KongAccounts(kong, headers, config)
    return gateway.decide(new KongCall(kong, asked, headers, accounts))
  }

  /** Kong stands still until the headers are set, whatever else is on the way. */
  async #pass(kong: Kong, answer: PassAnswer): Promise<void> {
    const { set, remove, account } = answer
    const attaching = account?.attach?.()
    const lines = this.#lines(kong, answer)
    const headers: Record<string, string | readonly string[]> = {}
    for (const name of remove) headers[name] = NOTHING
    const setting = kong.service.request.set_headers(Object.assign(headers, set))
    if (attaching === undefined && lines.length === 0) await setting
    else await Promise.all([attaching, ...lines, setting])
  }

  #refuse(kong: Kong, answer: RefuseAnswer): void {
    // Nobody waits for these: the exit goes out with them, and after it Kong answers nothing more.
    for (const line of this.#lines(kong, answer)) {
      line.catch((cause: unknown) => {
        this.#options.log.error('a line was not written to Kong’s log', { cause: String(cause) })
      })
    }
    kong.response.exit(answer.status, answer.body, answer.headers)
  }

  /** The lines of this decision, and what the operator is to know, on their way to Kong. */
  #lines(kong: Kong, { logLine, event }: Answer): readonly Promise<unknown>[] {
    const { config, log } = this.#options
    const held = log.send(kong)
    if (logLine === undefined && !config.audit.serialize) return held
    const lines = [...held]
    if (logLine !== undefined) lines.push(kong.log.notice(logLine))
    if (config.audit.serialize && event !== undefined) {
      const { event: outcome, sub, act, jti, step, reason } = event
      const value = { outcome, sub, act, jti, step, reason }
      lines.push(kong.log.set_serialize_value('oathmesh', value))
    }
    return lines
  }

  /** Something failed after the decision: refuse without asking Kong anything more. */
  #fail(kong: Kong, cause: unknown): void {
    const { status, body, headers } = this.#options.gateway.fault(cause)
    try {
      kong.response.exit(status, body, headers)
    } catch {
      // Nothing is left to answer with. The marker header is missing, so the guard refuses.
    }
  }
}
