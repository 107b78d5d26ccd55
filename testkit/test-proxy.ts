import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { KEYS, publicJwk } from './keys.ts'

/** A proxy that leads every name to one port on loopback, and remembers what it was asked. */
export class TestProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** Method and target of each request. */
  readonly asked: string[] = []
  readonly credentials: (string | undefined)[] = []
  /** What it answers to a request for a tunnel. */
  status = 200

  constructor(target: number) {
    const note = ({ method, url, headers }: IncomingMessage) => {
      this.asked.push(`${method} ${url}`)
      this.credentials.push(headers['proxy-authorization'])
    }
    this.#server = createServer((request, response) => {
      note(request)
      response.statusCode = this.status
      response.end(JSON.stringify({ keys: [publicJwk(KEYS.trusted)] }))
    })
    this.#server.on('connect', (request: IncomingMessage, socket: Socket) => {
      note(request)
      socket.on('error', () => socket.destroy())
      if (this.status !== 200) {
        socket.end(`HTTP/1.1 ${this.status} No\r\ncontent-length: 0\r\n\r\n`)
        return
      }
      const peer = connect(target, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        peer.pipe(socket).pipe(peer)
      })
      peer.on('error', () => socket.destroy())
    })
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return this
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
