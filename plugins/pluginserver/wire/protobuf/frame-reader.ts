import { FrameFault } from '../frame-fault.ts'

const LENGTH_BYTES = 4

/**
 * Cuts a byte stream into frames, each behind its length in four bytes, low byte first, wherever the reads
 * part it. Holds at most one frame and one read: a claimed length costs nothing until its bytes have come.
 */
export class FrameReader {
  readonly #maxFrameBytes: number
  #chunks: Buffer[] = []
  #received = 0

  constructor({ maxFrameBytes }: { readonly maxFrameBytes: number }) {
    this.#maxFrameBytes = maxFrameBytes
  }

  /** Adds what one read returned. */
  append(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#received += chunk.length
  }

  /** Whether a part of a frame has been received. */
  get isWithinFrame(): boolean {
    return this.#received > 0
  }

  /** What has been received and not yet been returned as a frame. */
  get rest(): Buffer {
    const [first] = this.#chunks
    if (this.#chunks.length === 1 && first !== undefined) return first
    const whole = Buffer.concat(this.#chunks)
    this.#chunks = whole.length === 0 ? [] : [whole]
    return whole
  }

  /** The next whole frame, or undefined when more must be received first. Throws `FrameFault`. */
  next(): Buffer | undefined {
    if (this.#received < LENGTH_BYTES) return undefined
    const length = this.#length()
    if (length > this.#maxFrameBytes) {
      throw new FrameFault(`a frame of ${length} bytes, more than ${this.#maxFrameBytes}`)
    }
    const end = LENGTH_BYTES + length
    if (this.#received < end) return undefined
    const bytes = this.rest
    this.#received -= end
    this.#chunks = this.#received === 0 ? [] : [bytes.subarray(end)]
    return bytes.subarray(LENGTH_BYTES, end)
  }

  #length(): number {
    const [first] = this.#chunks
    // A large frame comes in many reads; joining them at each would cost the square of its size.
    const head = first !== undefined && first.length >= LENGTH_BYTES ? first : this.rest
    return head.readUInt32LE()
  }
}
