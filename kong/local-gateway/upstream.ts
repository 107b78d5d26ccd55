import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { errorPage } from './error-page.ts'
import type { Exchange } from './exchange.ts'
import { relay } from './relay.ts'
import { sendAnswer } from './send-answer.ts'
import { type UpstreamBody, upstreamBody } from './upstream-body.ts'
import { upstreamHeaders } from './upstream-headers.ts'

/** nginx's status for a client that has gone before it was answered. */
const CLIENT_GONE = 499

/** The services behind the gateway, over connections that are kept. */
export class Upstream {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #spoilt = new Set<Agent>()

  close(): void {
    for (const agent of [this.#agent, ...this.#spoilt]) agent.destroy()
  }

  /** Sends the request on and streams the answer back. Resolves when the client has it or has gone. */
  async proxy(exchange: Exchange, response: ServerResponse): Promise<void> {
    const body = await upstreamBody(exchange).catch(() => undefined)
    if (body === undefined || response.destroyed) {
      exchange.sent = { status: CLIENT_GONE, headers: [], source: 'kong' }
      return
    }
    await new Promise<void>((done) => {
      response.once('close', () => {
        exchange.sent ??= { status: CLIENT_GONE, headers: [], source: 'kong' }
        done()
      })
      this.#attempt(exchange, body, response)
    })
  }

  #attempt(exchange: Exchange, body: UpstreamBody, response: ServerResponse): void {
    const { message, service } = exchange
    const upstream = request({
      agent: this.#agentFor(body),
      host: service.host,
      port: service.port,
      method: message.method ?? 'GET',
      path: exchange.upstreamUri,
      setHost: false,
      timeout: service.readTimeoutMs,
    })
    // What is not said of the body stays unsaid.
    upstream.useChunkedEncodingByDefault = false
    for (const [name, values] of grouped([...upstreamHeaders(exchange), ...body.framing])) {
      upstream.setHeader(name, values)
    }
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
      if (upstream.reusedSocket && body.content === 'none') {
        this.#attempt(exchange, body, response)
      } else {
        fail(exchange, 502, 'An invalid response was received from the upstream server', response)
      }
    })
    if (body.content === 'stream') message.pipe(upstream)
    else if (body.content === 'none') upstream.end()
    else upstream.end(body.content)
  }

  /** After a body without a length the upstream may answer twice. nginx keeps no such connection for long. */
  #agentFor({ framing, content }: UpstreamBody): Agent {
    if (content === 'none' || framing.length > 0) return this.#agent
    const agent = new Agent({ keepAlive: true })
    this.#spoilt.add(agent)
    return agent
  }
}

/** All values of a name, from names and values in turn. */
function grouped(headers: readonly string[]): Map<string, string[]> {
  const values = new Map<string, string[]>()
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] ?? ''
    values.set(name, [...(values.get(name) ?? []), headers[at + 1] ?? ''])
  }
  return values
}

function fail(exchange: Exchange, status: number, why: string, response: ServerResponse): void {
  const { requestId, clientHeaders } = exchange
  sendAnswer(exchange, errorPage(status, why, requestId, clientHeaders), response)
}
