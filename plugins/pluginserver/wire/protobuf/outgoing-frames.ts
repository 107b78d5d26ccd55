import type { Socket } from 'node:net'
import type { Log } from '../../../../lib/index.ts'
import type { FrameSink } from './event-stream.ts'

const LENGTH_BYTES = 4
/** Kong reads what it asked for; whoever does not read has stopped speaking the protocol. */
const MAX_UNREAD_BYTES = 64 * 1024 * 1024

/** Collects the frames of one turn of the event loop, and writes them at its end in one go. */
export class OutgoingFrames implements FrameSink {
  readonly #socket: Socket
  readonly #log: Log
  #frames: Uint8Array[] = []
  #bytes = 0
  #scheduled = false

  constructor(socket: Socket, log: Log) {
    this.#socket = socket
    this.#log = log
  }

  get writable(): boolean {
    return this.#socket.writable
  }

  send(frame: Uint8Array): void {
    this.#frames.push(frame)
    this.#bytes += LENGTH_BYTES + frame.length
    if (this.#scheduled) return
    this.#scheduled = true
    // A tick that is asked for from a microtask comes once no microtask is left: whatever the plugin does
    // without waiting for Kong, however many promises deep, leaves together.
    queueMicrotask(() => process.nextTick(this.#flushTurn))
  }

  /** Writes what has been collected. */
  flush(): void {
    const frames = this.#frames
    if (frames.length === 0) return
    const size = this.#bytes
    this.#frames = []
    this.#bytes = 0
    if (!this.#socket.writable) return
    this.#socket.write(joined(frames, size))
    if (this.#socket.writableLength <= MAX_UNREAD_BYTES) return
    this.#log.warn('a connection was closed: its peer does not read its answers')
    this.#socket.destroy()
  }

  readonly #flushTurn = (): void => {
    this.#scheduled = false
    this.flush()
  }
}

function joined(frames: readonly Uint8Array[], size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  for (const frame of frames) {
    at = bytes.writeUInt32LE(frame.length, at)
    bytes.set(frame, at)
    at += frame.length
  }
  return bytes
}
