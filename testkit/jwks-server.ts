import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** A private key and a certificate, both PEM. */
export interface TlsIdentity {
  readonly key: string
  readonly cert: string
}

/** A real issuer on loopback, whose answer a test may change at any time. */
export class JwksServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #scheme: 'http' | 'https'
  #port = 0
  /** Requests begun since the start. */
  requests = 0
  /** Connections accepted since the start. */
  connections = 0
  /** Paths asked for, in order. */
  readonly paths: string[] = []
  answer: Answer = document({ keys: [] })

  private constructor(tls?: TlsIdentity) {
    const listener: Answer = (request, response) => {
      this.requests++
      this.paths.push(request.url ?? '')
      this.answer(request, response)
    }
    this.#scheme = tls === undefined ? 'http' : 'https'
    this.#server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
    this.#server.on('connection', (socket) => {
      this.connections++
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  /** Listens on a free port unless one is given. */
  static async start(answer?: Answer, tls?: TlsIdentity, port = 0): Promise<JwksServer> {
    const server = new JwksServer(tls)
    server.#port = port
    if (answer !== undefined) server.answer = answer
    await server.resume()
    return server
  }

  /** Origin without a trailing slash, with the same port after `stop` and `resume`. */
  get origin(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  async resume(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Closes the port and cuts every connection. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.cut()
    await closed
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

/** Answers 200 with this document as JSON. */
export function document(value: unknown): Answer {
  return body(JSON.stringify(value))
}

/** Answers with these bytes as they are. */
export function body(content: string | Uint8Array, status = 200, headers = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(content)
  }
}
