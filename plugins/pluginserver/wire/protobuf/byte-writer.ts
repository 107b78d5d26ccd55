import type { WireType } from '@bufbuild/protobuf/wire'

const FIRST_SIZE = 512
const MORE = 0x80
/** UTF-8 has at most three bytes for a UTF-16 unit: no text up to here has a length of two bytes. */
const SHORT_TEXT = 42

/**
 * Writes the parts of a message one after the other into one buffer. Not the library's writer: that makes an
 * array of every nested message, and headers are little else, which took three times as long.
 */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(FIRST_SIZE)
  #at = 0

  tag(number: number, type: WireType): this {
    return this.varint(number * 8 + type)
  }

  /** A whole number. Negative ones take ten bytes, as an int32 and an int64 do. */
  varint(value: number): this {
    this.#reserve(10)
    let rest = value
    if (value < 0) {
      let bits = BigInt.asUintN(64, BigInt(value))
      for (; bits >= MORE; bits >>= 7n) this.#bytes[this.#at++] = Number(bits & 0x7fn) | MORE
      rest = Number(bits)
    }
    for (; rest >= MORE; rest = Math.floor(rest / MORE)) {
      this.#bytes[this.#at++] = (rest % MORE) | MORE
    }
    this.#bytes[this.#at++] = rest
    return this
  }

  double(value: number): this {
    this.#reserve(8)
    this.#at = this.#bytes.writeDoubleLE(value, this.#at)
    return this
  }

  bytes(value: Uint8Array): this {
    this.varint(value.length)
    this.#reserve(value.length)
    this.#bytes.set(value, this.#at)
    this.#at += value.length
    return this
  }

  /** As UTF-8; half a surrogate pair becomes U+FFFD. */
  text(value: string): this {
    if (value.length <= SHORT_TEXT) {
      this.#reserve(1 + 3 * SHORT_TEXT)
      const length = this.#bytes.write(value, this.#at + 1)
      this.#bytes[this.#at] = length
      this.#at += 1 + length
      return this
    }
    const length = Buffer.byteLength(value)
    this.varint(length)
    this.#reserve(length)
    this.#at += this.#bytes.write(value, this.#at)
    return this
  }

  /** Begins a nested message; `close` needs what this returns. */
  open(): number {
    this.#reserve(1)
    return this.#at++
  }

  /** Ends a nested message, and writes its length before it. */
  close(start: number): void {
    const end = this.#at
    const length = end - start - 1
    if (length < MORE) {
      this.#bytes[start] = length
      return
    }
    const size = Math.ceil((32 - Math.clz32(length)) / 7)
    this.#reserve(size)
    this.#bytes.copyWithin(start + size, start + 1, end)
    this.#at = start
    this.varint(length)
    this.#at += length
  }

  /** What has been written. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(2 * (this.#at + size))
    larger.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = larger
  }
}
