import { isUtf8 } from 'node:buffer'
import { rm } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Route } from './entities.ts'
import { errorPage } from './error-page.ts'
import { Exchange, type ExitAnswer } from './exchange.ts'
import { errorAnswer } from './exit-answer.ts'
import type { GatewayLog } from './gateway-log.ts'
import type { GatewayPlugin } from './gateway-plugin.ts'
import { isBadTarget } from './is-bad-target.ts'
import { repeatsUnique } from './repeats-unique.ts'
import { requestId } from './request-id.ts'
import { parseTarget } from './request-target.ts'
import type { Router } from './router.ts'
import { sendAnswer, writeAnswer } from './send-answer.ts'
import type { Upstream } from './upstream.ts'

interface RequestHandlerOptions {
  readonly router: Router
  readonly chains: ReadonlyMap<Route, readonly GatewayPlugin[]>
  readonly upstream: Upstream
  readonly log: GatewayLog
}

/** What happens to one request: routing, plugins, upstream or refusal, and the log phase. */
export class RequestHandler {
  readonly #options: RequestHandlerOptions

  constructor(options: RequestHandlerOptions) {
    this.#options = options
  }

  /** Resolves when the log phase is over. */
  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { router, chains, upstream } = this.#options
    const target = parseTarget(message.url ?? '/')
    const match = router.find({
      method: message.method ?? 'GET',
      host: (message.headers.host ?? '').replace(/:\d+$/, '').toLowerCase(),
      path: target.path,
    })
    const id = requestId()
    if (isBadTarget(target) || repeatsUnique(message.rawHeaders)) {
      // nginx has not read all headers by then, so they do not choose the type.
      return unhandled(message, response, errorPage(400, 'Bad request', id))
    }
    // Kong's router reads text: bytes that are none match no route.
    if (match === undefined || !isUtf8(Buffer.from(target.path, 'latin1'))) {
      const missed = errorAnswer(404, 'no Route matched with those values', id)
      return unhandled(message, response, missed)
    }
    const exchange = new Exchange(message, target, match)
    const chain = chains.get(match.route) ?? []
    for (const plugin of chain) {
      await this.#access(plugin, exchange)
      if (exchange.exit !== undefined) break
    }
    if (exchange.exit !== undefined) sendAnswer(exchange, exchange.exit, response)
    else await upstream.proxy(exchange, response)
    if (exchange.bodyFile !== undefined) await rm(exchange.bodyFile, { force: true })
    for (const plugin of chain) await this.#log(plugin, exchange)
  }

  /** Whatever a plugin throws inside Kong is a 500. */
  async #access(plugin: GatewayPlugin, exchange: Exchange): Promise<void> {
    try {
      await plugin.access(exchange)
    } catch (cause) {
      this.#options.log('error', `[kong] [${plugin.name}] ${String(cause)}`)
      exchange.exit = errorAnswer(500, 'An unexpected error occurred', exchange.requestId)
    }
  }

  async #log(plugin: GatewayPlugin, exchange: Exchange): Promise<void> {
    try {
      await plugin.log?.(exchange)
    } catch (cause) {
      this.#options.log('error', `[kong] [${plugin.name}] ${String(cause)}`)
    }
  }
}

/** No plugin sees such a request. */
function unhandled(message: IncomingMessage, response: ServerResponse, answer: ExitAnswer): void {
  message.resume()
  writeAnswer(answer, response)
}
