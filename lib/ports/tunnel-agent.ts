import { type ClientRequestArgs, request as httpRequest, type RequestOptions } from 'node:http'
import { type AgentOptions, Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type ConnectionOptions, connect } from 'node:tls'
import { HttpFault } from './http-fault.ts'

/** A proxy that is asked for a tunnel and says nothing. Whoever waits brings a shorter limit. */
const TUNNEL_MS = 10_000

/** An agent whose connections lead through a proxy (CONNECT): TLS is between us and the peer alone. */
export class TunnelAgent extends HttpsAgent {
  readonly #proxy: URL

  constructor(proxy: URL, options: AgentOptions) {
    super(options)
    this.#proxy = proxy
  }

  override createConnection(
    options: ClientRequestArgs,
    done?: (cause: Error | null, stream: Duplex) => void,
  ): undefined {
    const { host, port } = options
    openTunnel(this.#proxy, `${bracketed(String(host))}:${port}`).then(
      (socket) => done?.(null, connect({ ...(options as ConnectionOptions), socket })),
      // Node looks at the stream only where there is no cause, which its types do not say.
      (cause: Error) => (done as ((cause: Error) => void) | undefined)?.(cause),
    )
  }
}

/** The header by which a proxy knows us; none where its URL has no user. */
export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(pair).toString('base64')}` }
}

/** Where a proxy listens, for a request to it. */
export function proxyAddress({ hostname, port, protocol }: URL): RequestOptions {
  const host = hostname.replace(/^\[|\]$/g, '')
  return { host, port: port || (protocol === 'https:' ? 443 : 80) }
}

function openTunnel(proxy: URL, authority: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
      ...proxyAddress(proxy),
      agent: false,
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...proxyAuthorization(proxy) },
    })
    const lapse = () => request.destroy(new Error(`no tunnel within ${TUNNEL_MS} ms`))
    const timer = setTimeout(lapse, TUNNEL_MS)
    request.once('close', () => clearTimeout(timer))
    request.once('error', (cause) => reject(proxyFault(proxy, cause.message, cause)))
    request.once('connect', ({ statusCode = 0 }, socket: Socket) => {
      clearTimeout(timer)
      if (statusCode >= 200 && statusCode < 300) return resolve(socket)
      socket.destroy()
      reject(proxyFault(proxy, refusalOf(statusCode)))
    })
    request.end()
  })
}

/** Names the proxy by host and port alone: its URL may hold a password. */
export function proxyFault(proxy: URL, what: string, cause?: unknown): HttpFault {
  return new HttpFault('no_answer', `the proxy ${proxy.host}: ${what}`, cause)
}

export function refusalOf(status: number): string {
  if (status !== 407) return `answered ${status}`
  return 'answered 407: it wants a user and password, as in http://user:password@host:port'
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
