import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** Forwards connections to a port, and can let them die without closing them. */
export class FreezingProxy {
  /** How often something came from the client. */
  requests = 0
  #frozen = false
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #live = new Set<Socket>()

  private constructor(target: number) {
    this.#server = createServer((client) => {
      const upstream = connect(target, '127.0.0.1')
      this.#forward(client, upstream, () => {
        this.requests += 1
      })
      this.#forward(upstream, client, () => {})
    })
  }

  static async to(target: number): Promise<FreezingProxy> {
    const proxy = new FreezingProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('not listening')
    return address.port
  }

  /** All connections there are, and those to come, hear nothing more, not even their end. */
  freeze(): void {
    this.#frozen = true
    this.#live.clear()
  }

  /** Connections that are made from now on work; the others stay dead. */
  thaw(): void {
    this.#frozen = false
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #forward(from: Socket, to: Socket, seen: () => void): void {
    this.#sockets.add(from)
    if (!this.#frozen) this.#live.add(from)
    from.setNoDelay(true)
    from.on('data', (chunk) => {
      if (!this.#live.has(from)) return
      seen()
      to.write(chunk)
    })
    from.on('error', () => {})
    from.on('close', () => {
      this.#sockets.delete(from)
      if (this.#live.delete(from)) to.destroy()
    })
  }
}
