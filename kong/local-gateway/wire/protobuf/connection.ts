import { connect, type Socket } from 'node:net'
import { WireFault } from '../wire-fault.ts'

const LENGTH_BYTES = 4
/** What nginx calls them. */
const FAULTS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOENT: 'no such file or directory',
  ECONNRESET: 'connection reset by peer',
  EPIPE: 'broken pipe',
}

/** One connection to the plugin server: frames in both directions, each after its length. */
export class Connection {
  readonly #socket: Socket
  #chunks: Buffer[] = []
  #received = 0
  #fault: WireFault | undefined
  #wake: (() => void) | undefined

  /** `timeoutMs` bounds every silence of the plugin server. */
  constructor(socketPath: string, timeoutMs: number) {
    this.#socket = connect(socketPath)
    this.#socket.setTimeout(timeoutMs, () => this.#fail('timeout'))
    this.#socket.on('data', (chunk) => {
      this.#chunks.push(chunk)
      this.#received += chunk.length
      this.#wake?.()
    })
    this.#socket.on('error', ({ code = '' }: NodeJS.ErrnoException) =>
      this.#fail(FAULTS[code] ?? 'closed'),
    )
    this.#socket.on('close', () => this.#fail('closed'))
  }

  /** Whether another call may follow: nginx keeps no connection with bytes that nobody has read. */
  get usable(): boolean {
    return this.#fault === undefined && this.#received === 0
  }

  send(frame: Uint8Array): void {
    const length = Buffer.alloc(LENGTH_BYTES)
    length.writeUInt32LE(frame.length)
    this.#socket.write(Buffer.concat([length, frame]))
  }

  /** Resolves with the next frame. Rejects with `WireFault` when there will be none. */
  async frame(): Promise<Buffer> {
    const length = await this.#take(LENGTH_BYTES)
    return this.#take(length.readUInt32LE())
  }

  close(): void {
    this.#socket.destroy()
  }

  /** What has arrived before a fault is read all the same. */
  async #take(wanted: number): Promise<Buffer> {
    while (this.#received < wanted) {
      if (this.#fault !== undefined) throw this.#fault
      await new Promise<void>((wake) => {
        this.#wake = wake
      })
    }
    const all = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks)
    const bytes = all ?? Buffer.alloc(0)
    const rest = bytes.subarray(wanted)
    this.#chunks = rest.length === 0 ? [] : [rest]
    this.#received = rest.length
    return bytes.subarray(0, wanted)
  }

  #fail(cause: string): void {
    this.#fault ??= new WireFault(cause)
    this.#socket.destroy()
    this.#wake?.()
  }
}
