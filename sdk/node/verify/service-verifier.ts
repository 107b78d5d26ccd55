import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type Answer,
  type Clock,
  type Gateway,
  type GatewayCall,
  openGateway,
  proxyFrom,
  Resources,
  stderrLog,
} from '../../../lib/index.ts'
import { readPolicy } from '../../../schema/read-policy.ts'
import { toGatewaySettings } from '../../../schema/to-settings.ts'
import type { FastifyHook } from './fastify-hook.ts'
import { FetchBody } from './fetch-body.ts'
import { type FetchHandler, fetchCall, passedOn, refusalResponse } from './fetch-handler.ts'
import { NodeCall } from './node-call.ts'
import { carryOut, type NodeMiddleware } from './node-middleware.ts'
import { readConfig } from './read-config.ts'
import type { VerifierOptions } from './verifier-options.ts'

export interface VerifierPorts {
  readonly clock: Clock
  /** Unix seconds from which on used tokens are known. */
  readonly startedAt: number
}

/**
 * Lets only verified calls through to a service: every other one is answered here, as the gateways answer it.
 * It must see requests as they were sent, so it comes before whatever reads bodies or rewrites paths.
 */
export class ServiceVerifier {
  readonly #gateway: Gateway
  readonly #resources: Resources
  readonly #options: VerifierOptions

  constructor(config: unknown, options: VerifierOptions, { clock, startedAt }: VerifierPorts) {
    const settings = toGatewaySettings(readConfig(config), options.name ?? '')
    const { log = stderrLog } = options
    this.#options = options
    this.#resources = new Resources({
      log,
      readPolicy,
      startedAt,
      clock,
      proxyFor: proxyFrom(process.env),
    })
    this.#gateway = openGateway(settings, this.#resources)
  }

  /** For `app.use` of Express and Connect; with plain `node:http`, `next` is what calls the handler. */
  readonly node: NodeMiddleware = (request, response, next) => {
    void this.#lets(request, response).then((passes) => {
      if (passes) next()
    })
  }

  /** For `app.addHook('onRequest', …)` of Fastify. */
  readonly fastify: FastifyHook = async ({ raw }, reply) => {
    if (!(await this.#lets(raw, reply.raw))) reply.hijack()
  }

  /** A handler of Fetch requests, as Hono, Next.js and Deno take them, around one that is told the caller. */
  fetch<Rest extends readonly unknown[]>(
    handler: FetchHandler<Rest>,
  ): (request: Request, ...rest: Rest) => Promise<Response> {
    return async (request, ...rest) => {
      const body = new FetchBody(request)
      const answer = await this.#ask(() => fetchCall(request, body, this.#options.name))
      if (answer.outcome === 'refuse') return refusalResponse(answer)
      return handler(passedOn(request, body, answer), answer.caller, ...rest)
    }
  }

  /** For emergencies: every fetched key is forgotten and fetched anew. */
  purgeKeys(): void {
    this.#resources.purgeKeys()
  }

  /** Ends connections and writes the end of audit chains. Nothing may be asked afterwards. */
  async close(): Promise<void> {
    await this.#resources.close()
  }

  /** Whether a request may go on. Never rejects: a fault of ours is no pass. */
  async #lets(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const answer = await this.#ask(() => new NodeCall(request, this.#options.name))
    try {
      return carryOut(answer, request, response)
    } catch (cause) {
      this.#gateway.fault(cause)
      response.destroy()
      return false
    }
  }

  async #ask(read: () => GatewayCall): Promise<Answer> {
    const { auditLine = toStdout, onDecision } = this.#options
    try {
      const answer = await this.#gateway.decide(read())
      if (answer.logLine !== undefined) auditLine(answer.logLine)
      if (answer.event !== undefined) onDecision?.(answer.event)
      return answer
    } catch (cause) {
      return this.#gateway.fault(cause)
    }
  }
}

function toStdout(line: string): void {
  process.stdout.write(`${line}\n`)
}
