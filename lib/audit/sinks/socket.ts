import { connect, type Socket } from 'node:net'
import type { SinkStatus } from '../../status/snapshot.ts'
import type { CountedSink } from '../audit-sink.ts'
import { Backlog, TOO_SLOW } from './backlog.ts'
import { Losses, type SinkOptions } from './losses.ts'

/** How often whoever should read is looked for. */
const RECONNECT_MS = 1000
/** What Node.js itself may hold of lines on their way, beside those that wait. */
const HIGH_WATER_BYTES = 65_536

/**
 * Writes lines to whoever listens at a unix stream socket, such as a log collector. Connects when there is something
 * to write, and again, at most once a second, when the other end goes. A decision never waits: what is not taken waits
 * in bounded memory, and what has no room there is lost and counted, as is what was on its way when the end went.
 */
export class SocketSink implements CountedSink {
  readonly #options: SinkOptions
  readonly #losses: Losses
  readonly #backlog = new Backlog()
  #socket: Socket | undefined
  #isConnected = false
  #onItsWay = 0
  #retry: NodeJS.Timeout | undefined

  /** Connects. Nobody needs to listen yet. */
  constructor(options: SinkOptions) {
    this.#options = options
    this.#losses = new Losses(options)
    this.#connect()
  }

  write(line: string): void {
    if (!this.#backlog.push(Buffer.from(`${line}\n`))) this.#losses.lost(TOO_SLOW)
    this.#drain()
  }

  get status(): SinkStatus {
    return this.#losses.status(this.#backlog.size + this.#onItsWay)
  }

  reopen(): void {
    this.#socket?.end()
  }

  close(): void {
    clearTimeout(this.#retry)
    if (this.#backlog.size > 0) this.#losses.lost(TOO_SLOW, this.#backlog.clear())
    this.#socket?.end()
  }

  #connect(): void {
    this.#retry = undefined
    const socket = connect(this.#options.path)
    this.#socket = socket
    socket.unref().resume()
    socket.on('connect', () => {
      this.#isConnected = true
      this.#drain()
    })
    socket.on('drain', () => this.#drain())
    socket.on('error', (cause) => this.#losses.lost(cause, 0))
    socket.on('close', () => this.#closed())
  }

  #drain(): void {
    const socket = this.#socket
    if (socket === undefined || !this.#isConnected) return
    const send = (line: Buffer): number => {
      if (socket.writableLength > HIGH_WATER_BYTES) return 0
      this.#onItsWay += 1
      socket.write(line, (cause) => this.#arrived(cause))
      return line.length
    }
    this.#backlog.drain(send, () => {})
  }

  #arrived(cause: Error | null | undefined): void {
    this.#onItsWay -= 1
    if (cause) this.#losses.lost(cause)
    else this.#losses.wrote()
  }

  #closed(): void {
    this.#isConnected = false
    this.#socket = undefined
    this.#retry ??= setTimeout(() => this.#connect(), RECONNECT_MS).unref()
  }
}
