import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { Answer, Clock, Log, PassAnswer } from '../../lib/index.ts'
import type { Address } from '../../lib/ports/address.ts'
import type { CheckDecider } from '../decide-check.ts'
import { listenOn } from '../listen-on.ts'
import type { TlsMaterial } from '../tls-material.ts'
import { checkOf } from './check-of.ts'
import { askedFor } from './forms.ts'

/** Proxies keep connections open; one that we close first fails a call. */
const KEEP_ALIVE_MS = 120_000
/** For a request to come whole. */
const REQUEST_MS = 10_000
const LIMITS = {
  maxHeaderSize: 98_304,
  headersTimeout: REQUEST_MS,
  requestTimeout: REQUEST_MS,
  // By default Node.js looks for who is too slow every half a minute.
  connectionsCheckingInterval: 1000,
}

export interface HttpServerOptions {
  readonly decider: CheckDecider
  readonly clock: Clock
  readonly log: Log
  readonly tls: TlsMaterial | undefined
  readonly serving: () => boolean
}

/** The decisions of the service over HTTP: 200 with headers to set, or the refusal as it is. */
export class HttpServer {
  readonly #options: HttpServerOptions
  readonly #server: Server

  constructor(options: HttpServerOptions) {
    this.#options = options
    const { tls } = options
    const listener = (message: IncomingMessage, response: ServerResponse) => {
      message.resume()
      void this.#answer(message, response)
    }
    this.#server =
      tls === undefined
        ? createServer(LIMITS, listener)
        : createSecureServer({ ...LIMITS, ...secured(tls) }, listener)
    this.#server.keepAliveTimeout = KEEP_ALIVE_MS
    // Also for who does not take its answers.
    this.#server.setTimeout(KEEP_ALIVE_MS)
    // Beyond a limit Node.js would leave headers out without a word: what is unseen cannot be removed.
    this.#server.maxHeadersCount = 0
  }

  /** Gives the port, 0 for a unix socket. */
  listen(address: Address): Promise<number> {
    return listenOn(this.#server, address, 4096)
  }

  /** Finishes what is under way; at the latest after `graceMs` all connections are cut. */
  async stop(graceMs: number): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.#server.closeIdleConnections()
    const timer = setTimeout(() => this.#server.closeAllConnections(), graceMs)
    await closed
    clearTimeout(timer)
  }

  /** Never rejects. */
  async #answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { decider, clock, log, serving } = this.#options
    try {
      if (message.url === '/healthz') return void response.writeHead(serving() ? 200 : 503).end()
      const asked = askedFor(message)
      if (asked === undefined) {
        log.warn('a request to --listen-http says nothing to decide on: see docs/envoy.md')
        return void response.writeHead(403).end()
      }
      send(response, await decider.answer(checkOf(message, asked, clock.now()), Infinity))
    } catch (cause) {
      log.error('a call could not be answered, it was refused', {
        cause: cause instanceof Error ? cause.message : String(cause),
      })
      if (!response.headersSent) response.writeHead(503)
      response.end()
    }
  }
}

/** Only a pass is a 200. */
function send(response: ServerResponse, answer: Answer): void {
  if (answer.outcome === 'pass') {
    response.writeHead(200, { ...passHeaders(answer), 'cache-control': 'no-store' }).end()
    return
  }
  const { status, headers, body } = answer
  response
    .writeHead(status >= 400 && status < 600 ? status : 503, headers)
    .end(JSON.stringify(body))
}

/** Envoy removes what the last one names; the other proxies are told by their configuration. */
function passHeaders({ set, remove }: PassAnswer): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(set)) {
    headers[name] = typeof value === 'string' ? value : value.join(', ')
  }
  if (remove.length > 0) headers['x-envoy-auth-headers-to-remove'] = remove.join(',')
  return headers
}

function secured({ certs, clientCa }: TlsMaterial) {
  return {
    ...certs,
    handshakeTimeout: REQUEST_MS,
    minVersion: 'TLSv1.2' as const,
    ...(clientCa !== undefined && { ca: clientCa, requestCert: true, rejectUnauthorized: true }),
  }
}
