import { connect, type Socket } from 'node:net'
import { Decoder } from '@msgpack/msgpack'
import { LuaError } from '../../lua-error.ts'
import { WireFault } from '../wire-fault.ts'

const RESPONSE = 1
const NOTIFICATION = 2
/** What Kong calls a connection that broke off or stayed silent for too long. */
const NO_DATA = 'no data'
const CONNECT_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOENT: 'no such file or directory',
}

interface Waiting {
  readonly id: number
  resolve(result: unknown): void
  reject(cause: Error): void
}

/** One connection to the plugin server, with at most one message outstanding. */
export class Connection {
  readonly #socket: Socket
  readonly #decoder = new Decoder()
  #received: Buffer | undefined
  #waiting: Waiting | undefined

  /** `timeoutMs` bounds every wait, for an answer as for the next message. */
  constructor(socketPath: string, timeoutMs: number) {
    this.#socket = connect(socketPath)
    this.#socket.setTimeout(timeoutMs, () => this.#fail(NO_DATA))
    this.#socket.on('data', (chunk) => this.#receive(chunk))
    this.#socket.on('error', ({ code = '' }: NodeJS.ErrnoException) =>
      this.#fail(CONNECT_ERRORS[code] ?? NO_DATA),
    )
    this.#socket.on('close', () => this.#fail(NO_DATA))
  }

  get usable(): boolean {
    return !this.#socket.destroyed
  }

  /** Sends one frame and waits for its response. Rejects with `WireFault`, or `LuaError` for nonsense. */
  call(frame: Uint8Array, id: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting = { id, resolve, reject }
      this.#socket.write(frame)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received === undefined ? chunk : Buffer.concat([this.#received, chunk])
    try {
      for (const message of this.#decoder.decodeMulti(this.#received)) {
        if (Array.isArray(message) && message[0] === NOTIFICATION) continue
        // Kong reads one answer; what came with it in the same read is lost.
        this.#received = undefined
        this.#settle(message)
        return
      }
      this.#received = undefined
    } catch (cause) {
      // A frame that has not arrived whole; the rest follows.
      if (!(cause instanceof RangeError)) this.#break('the answer is no MessagePack')
    }
  }

  #settle(message: unknown): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting === undefined) {
      // Nothing was asked: nginx gives up a pooled connection on which something arrives.
      this.#socket.destroy()
      return
    }
    if (!Array.isArray(message) || message[0] !== RESPONSE || message[1] !== waiting.id) {
      this.#waiting = waiting
      this.#break('unexpected RPC response from the plugin server')
      return
    }
    const [, , error, result] = message as readonly unknown[]
    if (error === null || error === undefined) waiting.resolve(result)
    else waiting.reject(new WireFault(String(error)))
  }

  #fail(cause: string): void {
    if (this.#received !== undefined) this.#break('the answer breaks off')
    else this.#end(new WireFault(cause))
  }

  /** Kong's reader raises an error of Lua. */
  #break(why: string): void {
    this.#end(new LuaError(why))
  }

  #end(cause: Error): void {
    this.#socket.destroy()
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.reject(cause)
  }
}
