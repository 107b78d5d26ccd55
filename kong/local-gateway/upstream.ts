import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http'
import type { Exchange } from './exchange.ts'
import { errorAnswer } from './exit-answer.ts'
import { relay } from './relay.ts'
import { sendAnswer } from './send-answer.ts'
import { upstreamHeaders } from './upstream-headers.ts'

/** Methods without a body, unless one is announced. */
const BODILESS = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'])
/** nginx's status for a client that has gone before it was answered. */
const CLIENT_GONE = 499

/** The services behind the gateway, over connections that are kept. */
export class Upstream {
  readonly #agent = new Agent({ keepAlive: true })

  close(): void {
    this.#agent.destroy()
  }

  /** Sends the request on and streams the answer back. Resolves when the client has it or has gone. */
  async proxy(exchange: Exchange, response: ServerResponse): Promise<void> {
    if (response.destroyed) {
      exchange.sent = { status: CLIENT_GONE, headers: [], source: 'kong' }
      return
    }
    const body = exchange.bodyRead ? await exchange.body() : undefined
    await new Promise<void>((done) => {
      response.once('close', () => {
        exchange.sent ??= { status: CLIENT_GONE, headers: [], source: 'kong' }
        done()
      })
      this.#attempt(exchange, body, response)
    })
  }

  #attempt(exchange: Exchange, body: Buffer | undefined, response: ServerResponse): void {
    const { message, service } = exchange
    const framing = framingOf(exchange, body)
    const upstream = request({
      agent: this.#agent,
      host: service.host,
      port: service.port,
      method: message.method ?? 'GET',
      path: exchange.upstreamUri,
      headers: [...upstreamHeaders(exchange), ...framing],
      setHost: false,
      timeout: service.readTimeoutMs,
    })
    const abandon = () => upstream.destroy()
    response.once('close', abandon)
    upstream.once('timeout', () => {
      if (response.headersSent) response.destroy()
      else fail(exchange, 504, 'The upstream server is timing out', response)
      upstream.destroy()
    })
    upstream.once('response', (answer: IncomingMessage) => relay(exchange, answer, response))
    upstream.once('error', () => {
      response.off('close', abandon)
      if (response.destroyed || response.headersSent) return
      // The upstream may close a kept connection in the very moment it is used again.
      if (upstream.reusedSocket && framing.length === 0) {
        this.#attempt(exchange, body, response)
      } else {
        fail(exchange, 502, 'An invalid response was received from the upstream server', response)
      }
    })
    send(exchange, body, framing, upstream)
  }
}

function send(
  { message }: Exchange,
  body: Buffer | undefined,
  framing: readonly string[],
  upstream: ClientRequest,
): void {
  if (body !== undefined) upstream.end(body)
  else if (framing.length === 0) upstream.end()
  else message.pipe(upstream)
}

/** How long the body is: never what a plugin says, or a second request could hide in it. */
function framingOf(
  { clientHeaders, message }: Exchange,
  body: Buffer | undefined,
): readonly string[] {
  if (body !== undefined && body.length > 0) return ['content-length', String(body.length)]
  if (clientHeaders.has('transfer-encoding')) return ['transfer-encoding', 'chunked']
  const length = clientHeaders.get('content-length')?.[0]
  if (length !== undefined) return ['content-length', length]
  return BODILESS.has(message.method ?? '') ? [] : ['content-length', '0']
}

function fail(exchange: Exchange, status: number, why: string, response: ServerResponse): void {
  sendAnswer(exchange, errorAnswer(status, why, exchange.requestId), response)
}
