const VARINT = 0
const BIT64 = 1
const LENGTH_DELIMITED = 2
const BIT32 = 5

/** Takes one field of a message: `number` is its number, and it reads or skips what stands there. */
export type FieldReader<T> = (cursor: Cursor, number: number, into: T) => void

/**
 * A place in the bytes of a protobuf message. Messages within messages are read where they stand, without a
 * reader or a function for each: a Check has some thirty of them, and this is half of what one costs. Every method
 * throws a `TypeError` for bytes that are no message, and for a field of another wire type than it reads.
 */
export class Cursor {
  readonly #bytes: Buffer
  #at = 0
  /** Of the innermost message. */
  #end: number
  #wireType = LENGTH_DELIMITED

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#end = bytes.length
  }

  /** All fields of the outermost message, in the order in which they came. */
  all<T>(read: FieldReader<T>, into: T): void {
    while (this.#at < this.#end) {
      const tag = this.#whole()
      this.#wireType = tag % 8
      const number = Math.floor(tag / 8)
      if (number === 0) throw new TypeError('a field without a number')
      read(this, number, into)
    }
  }

  /** All fields of the message that is this field. */
  message<T>(read: FieldReader<T>, into: T): void {
    const outer = this.#end
    this.#end = this.#endOfField()
    this.all(read, into)
    this.#end = outer
  }

  /** Malformed UTF-8 becomes U+FFFD. */
  text(): string {
    const end = this.#endOfField()
    const start = this.#at
    this.#at = end
    return this.#bytes.toString('utf8', start, end)
  }

  /** A view of the bytes that are read. */
  bytes(): Uint8Array {
    const end = this.#endOfField()
    const bytes = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return bytes
  }

  /** A whole number with a sign; beyond 2^53 it loses precision. */
  int(): number {
    this.#expect(VARINT)
    return this.#whole()
  }

  double(): number {
    this.#expect(BIT64)
    const start = this.#advance(8)
    return this.#bytes.readDoubleLE(start)
  }

  /** Newer versions of Envoy add fields that we do not know. */
  skip(): void {
    if (this.#wireType === LENGTH_DELIMITED) this.#at = this.#endOfField()
    else if (this.#wireType === VARINT) this.#whole()
    else if (this.#wireType === BIT64) this.#advance(8)
    else if (this.#wireType === BIT32) this.#advance(4)
    else throw new TypeError(`a field of wire type ${this.#wireType}`)
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) throw new TypeError('a field is of another wire type')
  }

  /** Where the field that starts after its length ends. */
  #endOfField(): number {
    this.#expect(LENGTH_DELIMITED)
    const length = this.#whole()
    const end = this.#at + length
    if (length < 0 || end > this.#end) throw new TypeError('a field is longer than its message')
    return end
  }

  /** Gives where it was. */
  #advance(count: number): number {
    const start = this.#at
    this.#at += count
    if (this.#at > this.#end) throw new TypeError('a field is longer than its message')
    return start
  }

  /** A varint of 64 bits in two's complement. */
  #whole(): number {
    const first = this.#bytes[this.#at] ?? 0
    if (first < 0x80 && this.#at < this.#end) {
      this.#at += 1
      return first
    }
    return this.#wholeOfSeveral()
  }

  #wholeOfSeveral(): number {
    let value = 0
    let inverse = 0
    for (let count = 0, weight = 1; count < 10; count++, weight *= 0x80) {
      const byte = this.#bytes[this.#advance(1)] ?? 0
      const bits = byte & 0x7f
      // The tenth byte has the sign alone. Small negative numbers stay exact so.
      if (count === 9 && byte < 0x80) return bits === 0 ? value : -(inverse + 1)
      value += bits * weight
      inverse += (0x7f - bits) * weight
      if (byte < 0x80) return value
    }
    throw new TypeError('a number of more than ten bytes')
  }
}
