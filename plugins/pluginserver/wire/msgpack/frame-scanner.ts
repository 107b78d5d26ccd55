import { FrameFault } from '../frame-fault.ts'

/** Kong passes on JSON bodies, which its parser accepts up to 1000 levels deep. */
const MAX_DEPTH = 1100
/** An empty map costs one byte on the wire and some sixty in memory. */
const MAX_VALUES = 1_000_000

/** Bytes of the length or number that follows a lead byte from 0xc0 on; absent for what Kong never sends. */
const ARGUMENT_BYTES = new Map([
  ...[0xc0, 0xc2, 0xc3].map((lead) => [lead, 0] as const),
  ...[0xc4, 0xcc, 0xd0, 0xd9].map((lead) => [lead, 1] as const),
  ...[0xc5, 0xcd, 0xd1, 0xda, 0xdc, 0xde].map((lead) => [lead, 2] as const),
  ...[0xc6, 0xca, 0xce, 0xd2, 0xdb, 0xdd, 0xdf].map((lead) => [lead, 4] as const),
  ...[0xcb, 0xcf, 0xd3].map((lead) => [lead, 8] as const),
])
const WITH_PAYLOAD = new Set([0xc4, 0xc5, 0xc6, 0xd9, 0xda, 0xdb])
const ARRAYS = new Set([0xdc, 0xdd])
const MAPS = new Set([0xde, 0xdf])

/**
 * Finds where a MessagePack value ends, in any number of attempts, without building it: each byte is
 * looked at once, and a claimed length costs nothing until its bytes have come.
 */
export class FrameScanner {
  readonly #maxBytes: number
  /** Values still missing in each open container, innermost last. */
  #missing: number[] = [1]
  #at = 0
  #values = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /**
   * Takes everything received of the frame so far. The offset behind the frame, or undefined while some
   * of it is missing. Throws `FrameFault` for what is too large, too deep or not MessagePack.
   */
  scan(bytes: Uint8Array): number | undefined {
    while (this.#missing.length > 0) {
      if (!this.#step(bytes)) return undefined
    }
    return this.#at <= bytes.length ? this.#at : undefined
  }

  /** Forgets the frame; the next `scan` starts a new one. */
  reset(): void {
    this.#missing = [1]
    this.#at = 0
    this.#values = 0
  }

  /** Looks at one lead byte. False when it, or the length behind it, is not there yet. */
  #step(bytes: Uint8Array): boolean {
    const lead = bytes[this.#at]
    if (lead === undefined) return false
    if (lead < 0x80 || lead >= 0xe0) return this.#accept(1, 0)
    if (lead < 0x90) return this.#accept(1, (lead & 0x0f) * 2)
    if (lead < 0xa0) return this.#accept(1, lead & 0x0f)
    if (lead < 0xc0) return this.#accept(1 + (lead & 0x1f), 0)

    const width = ARGUMENT_BYTES.get(lead)
    if (width === undefined) throw new FrameFault(`type byte 0x${lead.toString(16)}`)
    if (this.#at + 1 + width > bytes.length) return false
    const length = WITH_PAYLOAD.has(lead) || ARRAYS.has(lead) || MAPS.has(lead)
    if (!length) return this.#accept(1 + width, 0)
    const claimed = readUnsigned(bytes, this.#at + 1, width)
    if (WITH_PAYLOAD.has(lead)) return this.#accept(1 + width + claimed, 0)
    return this.#accept(1 + width, MAPS.has(lead) ? claimed * 2 : claimed)
  }

  #accept(size: number, children: number): true {
    this.#at += size
    this.#values += 1 + children
    if (this.#at > this.#maxBytes) throw new FrameFault(`more than ${this.#maxBytes} bytes`)
    if (this.#values > MAX_VALUES) throw new FrameFault(`more than ${MAX_VALUES} values`)
    const missing = this.#missing
    const last = missing.length - 1
    missing[last] = (missing[last] ?? 0) - 1
    if (children > 0) {
      if (missing.length > MAX_DEPTH) throw new FrameFault(`more than ${MAX_DEPTH} levels`)
      missing.push(children)
    }
    while (missing[missing.length - 1] === 0) missing.pop()
    return true
  }
}

function readUnsigned(bytes: Uint8Array, at: number, width: number): number {
  let value = 0
  for (let offset = 0; offset < width; offset++) value = value * 0x100 + (bytes[at + offset] ?? 0)
  return value
}
