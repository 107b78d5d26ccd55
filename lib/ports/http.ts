import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { createSecureContext, rootCertificates } from 'node:tls'
import { HttpFault } from './http-fault.ts'
import { directly, type ProxyFor } from './proxy.ts'
import { monotonic } from './stopwatch.ts'
import {
  proxyAddress,
  proxyAuthorization,
  proxyFault,
  refusalOf,
  TunnelAgent,
} from './tunnel-agent.ts'

export { HttpFault } from './http-fault.ts'

export interface HttpLimits {
  /** Bound on the whole exchange: name resolution, connect, TLS, headers and body. */
  readonly timeoutMs: number
  /** A longer body is refused while it is being read. */
  readonly maxBytes: number
}

export interface HttpAnswer {
  readonly status: number
  readonly body: Uint8Array
}

/** Reads one resource. Redirects are answers like any other and are never followed. */
export interface Http {
  /** Rejects with `HttpFault` and nothing else. */
  get(url: URL, limits: HttpLimits): Promise<HttpAnswer>
}

/** An idle connection outlives the usual 48 s between two refreshes, so TLS is set up once. */
const IDLE_SOCKET_MS = 75_000
const HEADERS = {
  accept: 'application/jwk-set+json, application/json',
  'accept-encoding': 'identity',
}

interface NodeHttpOptions {
  /** PEM text of certificate authorities that are trusted besides Node's own. */
  readonly ca?: string | undefined
  /** Without, every peer is asked directly. */
  readonly proxyFor?: ProxyFor | undefined
}

/**
 * `Http` over node:http and node:https with its own keep-alive agents. Opens nothing before the
 * first call, and idle connections do not keep the process alive.
 */
export class NodeHttp implements Http {
  readonly #plain = new HttpAgent({ keepAlive: true, timeout: IDLE_SOCKET_MS })
  readonly #secure: HttpsAgent
  readonly #proxyFor: ProxyFor
  readonly #tls: AgentOptions
  readonly #tunnels = new Map<string, TunnelAgent>()

  constructor({ ca, proxyFor = directly }: NodeHttpOptions = {}) {
    this.#proxyFor = proxyFor
    this.#tls = {
      keepAlive: true,
      timeout: IDLE_SOCKET_MS,
      minVersion: 'TLSv1.2',
      // Spelt out, because NODE_TLS_REJECT_UNAUTHORIZED=0 switches only the default off.
      rejectUnauthorized: true,
      ...(ca === undefined
        ? {}
        : { secureContext: createSecureContext({ ca: [...rootCertificates, ca] }) }),
    }
    this.#secure = new HttpsAgent(this.#tls)
  }

  async get(url: URL, limits: HttpLimits): Promise<HttpAnswer> {
    const startedAt = monotonic()
    try {
      return await this.#exchange(url, limits)
    } catch (fault) {
      // The peer closed an idle connection at the moment it was used again: nobody's fault, once.
      if (!(fault instanceof StaleSocket)) throw fault
      const timeoutMs = Math.max(1, limits.timeoutMs - (monotonic() - startedAt))
      return await this.#exchange(url, { ...limits, timeoutMs })
    }
  }

  #exchange(url: URL, { timeoutMs, maxBytes }: HttpLimits): Promise<HttpAnswer> {
    const { promise, resolve, reject } = deferred<HttpAnswer>()
    const request = this.#request(url)
    const timer = setTimeout(() => {
      request.destroy(new HttpFault('no_answer', `no complete answer within ${timeoutMs} ms`))
    }, timeoutMs)
    request.on('error', (error: NodeJS.ErrnoException) => {
      reject(
        request.reusedSocket && error.code === 'ECONNRESET' ? new StaleSocket() : asFault(error),
      )
    })
    request.on('response', (response) => {
      readBody(response, maxBytes).then(
        (body) => resolve({ status: response.statusCode ?? 0, body }),
        (error) => {
          request.destroy()
          reject(asFault(error))
        },
      )
    })
    request.end()
    return promise.finally(() => clearTimeout(timer))
  }

  #request(url: URL): ClientRequest {
    const proxy = this.#proxyFor(url)
    if (url.protocol === 'https:') {
      const agent = proxy === undefined ? this.#secure : this.#tunnel(proxy)
      return httpsRequest(url, { agent, headers: HEADERS })
    }
    if (proxy === undefined) return httpRequest(url, { agent: this.#plain, headers: HEADERS })
    return throughProxy(url, proxy)
  }

  #tunnel(proxy: URL): TunnelAgent {
    const known = this.#tunnels.get(proxy.href)
    if (known !== undefined) return known
    const agent = new TunnelAgent(proxy, this.#tls)
    this.#tunnels.set(proxy.href, agent)
    return agent
  }
}

/** Without TLS a proxy is asked for the whole URL, and its own answers are no answers of the peer. */
function throughProxy(url: URL, proxy: URL): ClientRequest {
  const request = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
    ...proxyAddress(proxy),
    agent: false,
    path: url.href,
    headers: { ...HEADERS, host: url.host, ...proxyAuthorization(proxy) },
  })
  request.prependListener('response', ({ statusCode = 0 }) => {
    if (statusCode === 407) request.destroy(proxyFault(proxy, refusalOf(statusCode)))
  })
  return request
}

/** Internal: the connection had been closed before the request reached the peer. */
class StaleSocket extends HttpFault {
  constructor() {
    super('no_answer', 'ECONNRESET on an idle connection')
  }
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const encoding = response.headers['content-encoding'] ?? 'identity'
  // Unpacking would let a few kilobytes become gigabytes, and we asked for none.
  if (encoding !== 'identity') throw new HttpFault('unusable_answer', 'the body is compressed')
  const chunks: Buffer[] = []
  let length = Number(response.headers['content-length'] ?? 0)
  if (length > maxBytes) throw tooLong(maxBytes)
  length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) throw tooLong(maxBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

function tooLong(maxBytes: number): HttpFault {
  return new HttpFault('unusable_answer', `the body is longer than ${maxBytes} bytes`)
}

function asFault(error: unknown): HttpFault {
  if (error instanceof HttpFault) return error
  const { code, message } = error as NodeJS.ErrnoException
  return new HttpFault('no_answer', message || code || 'connection failed', error)
}

function deferred<T>() {
  let resolve: (value: T) => void = () => {}
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<T>((yes, no) => {
    resolve = yes
    reject = no
  })
  return { promise, resolve, reject }
}
