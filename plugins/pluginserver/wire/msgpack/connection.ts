import type { Socket } from 'node:net'
import type { Log } from '../../../../lib/index.ts'
import { causeMessage } from '../../session/cause-text.ts'
import type { OnRefusal, RefusalReason } from '../../session/refusal-reason.ts'
import { FrameFault } from '../frame-fault.ts'
import { FramePatience } from '../frame-patience.ts'
import type { WireConnection } from '../wire.ts'
import { isPhaseMethod } from './dispatcher.ts'
import { FrameReader } from './frame-reader.ts'
import { type RpcRequest, readHead, readRequest } from './read-request.ts'
import { type Line, Reply } from './reply.ts'
import type { Turns } from './turns.ts'

/** Kong reads each answer before it asks again; whoever does not read has stopped speaking the protocol. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024
/** Time for Kong to finish sending a frame that is refused, and to read the refusal. */
const LINGER_MS = 10_000

export interface ConnectionOptions {
  readonly maxFrameBytes: number
  /** For a frame to become whole. */
  readonly phaseTimeoutMs: number
  readonly log: Log
  readonly onRefusal?: OnRefusal | undefined
  readonly dispatch: (request: RpcRequest, reply: Reply) => void
}

/** One connection of a Kong worker: reads requests, however the stream parts them, and writes answers. */
export class Connection implements Line, WireConnection {
  readonly #socket: Socket
  readonly #options: ConnectionOptions
  readonly #reader: FrameReader
  readonly #patience: FramePatience
  #faulty = false
  /** Events whose open question came over this connection. */
  readonly waiting = new Set<Turns>()

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket
    this.#options = options
    this.#reader = new FrameReader(options)
    this.#patience = new FramePatience(options.phaseTimeoutMs, () => {
      this.#fail(new FrameFault('a frame did not become whole in time'), this.#reader.rest)
    })
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    // A reset by Kong is followed by `close`, which does all there is to do.
    socket.on('error', () => {})
    socket.on('close', () => this.#abandon())
  }

  write(frame: Uint8Array): void {
    if (!this.#socket.writable) return
    this.#socket.write(frame)
    if (this.#socket.writableLength <= MAX_UNREAD_BYTES) return
    this.#options.log.warn('a connection was closed: its peer does not read its answers')
    this.#socket.destroy()
  }

  refused(reason: RefusalReason, text: string, requestId: string): void {
    this.#options.onRefusal?.(reason)
    this.#options.log.warn(`a request was refused: ${text}`, { request_id: requestId })
  }

  end(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.on('close', () => resolve())
      this.#socket.end(() => this.#socket.destroy())
    })
  }

  #receive(chunk: Buffer): void {
    if (this.#faulty) return
    this.#reader.append(chunk)
    try {
      for (;;) {
        const frame = this.#reader.next()
        if (frame === undefined) {
          if (this.#reader.isWithinFrame) this.#patience.wait()
          return
        }
        this.#patience.end()
        const request = this.#read(frame)
        if (request === undefined) return
        this.#options.dispatch(request, new Reply(this, request.messageId))
      }
    } catch (cause) {
      this.#fail(cause, this.#reader.rest)
    }
  }

  #read(frame: Buffer): RpcRequest | undefined {
    try {
      return readRequest(frame)
    } catch (cause) {
      this.#fail(cause, frame)
      return undefined
    }
  }

  /**
   * Reads no further. If the frame belonged to a request, that request is refused: were the connection
   * merely closed, a client could have its call proxied on by sending a body that does not fit in a frame.
   */
  #fail(cause: unknown, frame: Buffer): void {
    this.#faulty = true
    this.#patience.end()
    this.#options.log.warn('a connection was closed: malformed frame', {
      cause: causeMessage(cause),
    })
    const head = readHead(frame)
    if (head === undefined || !isPhaseMethod(head.method)) {
      this.#socket.destroy()
      return
    }
    new Reply(this, head.messageId).refuse('frame_not_accepted')
    // Kong reads only after it has sent everything, so the rest is taken in and dropped.
    this.#socket.end()
    this.#socket.setTimeout(LINGER_MS, () => this.#socket.destroy())
  }

  #abandon(): void {
    this.#patience.end()
    for (const turns of this.waiting) turns.abandon()
    this.waiting.clear()
  }
}
