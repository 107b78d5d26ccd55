import { FrameScanner } from './frame-scanner.ts'

const EMPTY = Buffer.alloc(0)

/**
 * Cuts a byte stream into MessagePack values, wherever the reads part it. Holds at most about twice the
 * largest frame.
 */
export class FrameReader {
  readonly #scanner: FrameScanner
  /** Only the part from start to end has been received; the rest is room to append to. */
  #store: Buffer = EMPTY
  #start = 0
  #end = 0

  constructor({ maxFrameBytes }: { readonly maxFrameBytes: number }) {
    this.#scanner = new FrameScanner(maxFrameBytes)
  }

  /** Adds what one read returned. */
  append(chunk: Buffer): void {
    const held = this.#end - this.#start
    if (held === 0) {
      this.#store = chunk
      this.#start = 0
      this.#end = chunk.length
      return
    }
    // A chunk taken over whole has no room behind it, so nobody else's memory is written to.
    if (this.#store.length - this.#end < chunk.length) {
      const larger = Buffer.allocUnsafe((held + chunk.length) * 2)
      this.#store.copy(larger, 0, this.#start, this.#end)
      this.#store = larger
      this.#start = 0
      this.#end = held
    }
    chunk.copy(this.#store, this.#end)
    this.#end += chunk.length
  }

  /** Whether a part of a frame has been received. */
  get isWithinFrame(): boolean {
    return this.#end > this.#start
  }

  /** What has been received and not yet been returned as a frame. */
  get rest(): Buffer {
    return this.#store.subarray(this.#start, this.#end)
  }

  /**
   * The next whole frame, or undefined when more must be received first. Valid until the next `append`.
   * Throws `FrameFault`; the stream is then of no more use.
   */
  next(): Buffer | undefined {
    const { rest } = this
    if (rest.length === 0) return undefined
    const size = this.#scanner.scan(rest)
    if (size === undefined) return undefined
    this.#scanner.reset()
    this.#start += size
    if (this.#start === this.#end) {
      this.#store = EMPTY
      this.#start = 0
      this.#end = 0
    }
    return rest.subarray(0, size)
  }
}
