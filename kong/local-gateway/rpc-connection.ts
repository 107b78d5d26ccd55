import { connect, type Socket } from 'node:net'
import { Decoder, type Encoder } from '@msgpack/msgpack'

/** The plugin server answered with an error. */
export class RpcError extends Error {}

/** There is no usable connection to the plugin server, or it broke off. */
export class RpcConnectionError extends Error {}

interface Waiting {
  readonly id: number
  resolve(result: unknown): void
  reject(cause: Error): void
}

/** One connection to the plugin server, with at most one message outstanding. */
export class RpcConnection {
  readonly #socket: Socket
  readonly #decoder = new Decoder()
  #received: Buffer = Buffer.alloc(0)
  #waiting: Waiting | undefined

  constructor(socketPath: string) {
    this.#socket = connect(socketPath)
    this.#socket.on('data', (chunk) => this.#receive(chunk))
    this.#socket.on('error', (cause) => this.#fail(cause.message))
    this.#socket.on('close', () => this.#fail('closed'))
  }

  get usable(): boolean {
    return !this.#socket.destroyed
  }

  /** Sends one request and waits for its response. Rejects with one of the errors above. */
  call(
    encoder: Encoder,
    id: number,
    method: string,
    arg: unknown,
    timeoutMs: number,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail('timeout'), timeoutMs)
      const settle = () => {
        clearTimeout(timer)
        this.#waiting = undefined
      }
      this.#waiting = {
        id,
        resolve(result) {
          settle()
          resolve(result)
        },
        reject(cause) {
          settle()
          reject(cause)
        },
      }
      this.#socket.write(encoder.encode([0, id, method, [arg]]))
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk])
    let message: unknown
    try {
      message = this.#decoder.decode(this.#received)
    } catch (cause) {
      // A frame that has not arrived whole; the rest follows.
      if (cause instanceof RangeError) return
      this.#fail('malformed frame')
      return
    }
    this.#received = Buffer.alloc(0)
    this.#settle(message)
  }

  #settle(message: unknown): void {
    if (!Array.isArray(message) || message[0] !== 1 || message[1] !== this.#waiting?.id) {
      this.#fail('unexpected message')
      return
    }
    const error: unknown = message[2]
    if (error !== null && error !== undefined) this.#waiting?.reject(new RpcError(String(error)))
    else this.#waiting?.resolve(message[3])
  }

  #fail(cause: string): void {
    this.#socket.destroy()
    this.#waiting?.reject(new RpcConnectionError(cause))
  }
}
