import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { errorMessage } from '../error-message.ts'
import { type Address, addressText } from '../ports/address.ts'
import { bind } from '../ports/bind.ts'
import type { Log } from '../ports/log.ts'
import type { Readiness } from './readiness.ts'

/** How much of a process peers may take. */
export interface MetricsLimits {
  /** Scrapers are few; whoever opens more is not one. */
  readonly maxConnections: number
  /** For a request to arrive whole. */
  readonly requestMs: number
  /** From there until its answer has been taken; and for silence. */
  readonly answerMs: number
}

const MAX_CONNECTIONS = 32
const REQUEST_MS = 5000
const ANSWER_MS = 10_000
const LIMITS: MetricsLimits = {
  maxConnections: MAX_CONNECTIONS,
  requestMs: REQUEST_MS,
  answerMs: ANSWER_MS,
}
/** Longer than common intervals between scrapes would be a connection held for nothing. */
const KEEP_ALIVE_MS = 5000
const MAX_HEADER_BYTES = 8192
const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8'
const TEXT = 'text/plain; charset=utf-8'

export interface MetricsServerOptions {
  readonly log: Log
  /** What Prometheus reads. */
  readonly exposition: () => Promise<string>
  readonly readiness: () => Promise<Readiness>
  /** What answers, for whoever finds the address taken. */
  readonly identity: string
  /** Only tests have others. */
  readonly limits?: MetricsLimits
}

interface Answer {
  readonly status: 200 | 404 | 500 | 503
  readonly type?: string
  readonly body: string
}

const NOT_FOUND: Answer = { status: 404, body: 'not found\n' }

/**
 * `GET /metrics`, `/healthz` and `/readyz`, and nothing else. Peers that are slow, many or long-winded are cut, so
 * that whoever reaches the address cannot keep the process from its work.
 */
export class MetricsServer {
  readonly #options: MetricsServerOptions
  readonly #server: Server
  readonly #answerMs: number
  #stopping = false

  constructor(options: MetricsServerOptions) {
    this.#options = options
    const { maxConnections, requestMs, answerMs } = options.limits ?? LIMITS
    this.#answerMs = answerMs
    this.#server = createServer(
      {
        headersTimeout: requestMs,
        requestTimeout: requestMs,
        keepAliveTimeout: KEEP_ALIVE_MS,
        connectionsCheckingInterval: Math.min(1000, requestMs),
        maxHeaderSize: MAX_HEADER_BYTES,
      },
      (request, response) => void this.#serve(request, response),
    )
    this.#server.maxConnections = maxConnections
    this.#server.setTimeout(answerMs, (socket) => socket.destroy())
  }

  /** Gives where it listens. Rejects with what stands in the way, `EADDRINUSE` as `code` where it is taken. */
  async listen(address: Address): Promise<string> {
    await bind(address, () => listening(this.#server, address))
    const place = this.#server.address() as AddressInfo | string
    const port = typeof place === 'string' ? 0 : place.port
    return addressText(address.kind === 'tcp' ? { ...address, port } : address)
  }

  /** From now on it is not ready, so that no more requests are sent here. */
  drain(): void {
    this.#stopping = true
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = request
    // Inactivity alone would let somebody take the answer a byte at a time.
    const late = setTimeout(() => socket.destroy(), this.#answerMs)
    response.once('close', () => clearTimeout(late))
    const { status, type = TEXT, body } = await this.#answer(request)
    // A body that nobody has read is a reason to end the connection.
    const close = status === 404 ? { connection: 'close' } : {}
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', ...close })
    response.end(body)
  }

  async #answer({ method, url = '' }: IncomingMessage): Promise<Answer> {
    if (method !== 'GET') return NOT_FOUND
    try {
      switch (url.split('?', 1)[0]) {
        case '/metrics':
          return { status: 200, type: EXPOSITION, body: await this.#options.exposition() }
        case '/healthz':
          return { status: 200, body: `ok ${this.#options.identity}\n` }
        case '/readyz':
          return await this.#readiness()
        default:
          return NOT_FOUND
      }
    } catch (cause) {
      this.#options.log.error('metrics could not be given', { cause: errorMessage(cause) })
      return { status: 500, body: 'failed: see the log\n' }
    }
  }

  async #readiness(): Promise<Answer> {
    if (this.#stopping) return { status: 503, body: 'not ready\nstopping\n' }
    const { ready, reasons } = await this.#options.readiness()
    const lines = [ready ? 'ready' : 'not ready', ...reasons]
    return { status: ready ? 200 : 503, body: `${lines.join('\n')}\n` }
  }
}

function listening(server: Server, address: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    const done = () => {
      server.off('error', reject)
      resolve()
    }
    if (address.kind === 'unix') server.listen(address.path, done)
    else server.listen(address.port, address.host, done)
  })
}
