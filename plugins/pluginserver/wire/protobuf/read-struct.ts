import { FrameFault } from '../frame-fault.ts'

/** Kong nests headers and query one level deep, and what a plugin has put into its context a few. */
const MAX_DEPTH = 100
/** An empty value costs two bytes on the wire and some thirty in memory. */
const MAX_VALUES = 1_000_000
const MAX_VARINT_BYTES = 10
const MORE = 0x80

/** A `google.protobuf.Struct` as an object. Throws `FrameFault` for bytes that are none. */
export function readStruct(bytes: Uint8Array): Record<string, unknown> {
  return new StructReader(bytes).struct(bytes.length, 0)
}

/** A `google.protobuf.ListValue` as a list. Throws `FrameFault` for bytes that are none. */
export function readList(bytes: Uint8Array): unknown[] {
  return new StructReader(bytes).list(bytes.length, 0)
}

/** A `google.protobuf.Value`; one without a kind is undefined. Throws `FrameFault` for bytes that are none. */
export function readValue(bytes: Uint8Array): unknown {
  return new StructReader(bytes).value(bytes.length, 0)
}

/**
 * Reads in one pass over one buffer. Not the library's reader, which needs another object for every nested
 * message: each header is two of them. `end` is where a message ends; whatever runs past it is a fault.
 */
class StructReader {
  readonly #bytes: Buffer
  #at = 0
  #values = 0

  constructor({ buffer, byteOffset, byteLength }: Uint8Array) {
    this.#bytes = Buffer.from(buffer, byteOffset, byteLength)
  }

  struct(end: number, depth: number): Record<string, unknown> {
    const struct: Record<string, unknown> = {}
    while (this.#at < end) {
      const tag = this.#varint()
      if (tag === 0x0a) this.#entry(this.#nested(end), depth, struct)
      else this.#skip(tag, end)
    }
    this.#expectAt(end)
    return struct
  }

  list(end: number, depth: number): unknown[] {
    const list: unknown[] = []
    while (this.#at < end) {
      const tag = this.#varint()
      if (tag === 0x0a) list.push(this.value(this.#nested(end), depth))
      else this.#skip(tag, end)
    }
    this.#expectAt(end)
    return list
  }

  value(end: number, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new FrameFault(`more than ${MAX_DEPTH} levels`)
    if (++this.#values > MAX_VALUES) throw new FrameFault(`more than ${MAX_VALUES} values`)
    let value: unknown
    while (this.#at < end) value = this.#kind(this.#varint(), end, depth, value)
    this.#expectAt(end)
    return value
  }

  #entry(end: number, depth: number, struct: Record<string, unknown>): void {
    let key = ''
    let value: unknown
    while (this.#at < end) {
      const tag = this.#varint()
      if (tag === 0x0a) key = this.#text(end)
      else if (tag === 0x12) value = this.value(this.#nested(end), depth)
      else this.#skip(tag, end)
    }
    this.#expectAt(end)
    if (key === '__proto__') setOwn(struct, key, value)
    else struct[key] = value
  }

  // biome-ignore format: reads as a table
  #kind(tag: number, end: number, depth: number, before: unknown): unknown {
    switch (tag) {
      case 0x08: this.#varint(); return null
      case 0x11: return this.#double(end)
      case 0x1a: return this.#text(end)
      case 0x20: return this.#varint() !== 0
      case 0x2a: return this.struct(this.#nested(end), depth + 1)
      case 0x32: return this.list(this.#nested(end), depth + 1)
      default: this.#skip(tag, end); return before
    }
  }

  /** Where the nested message ends whose length comes next. */
  #nested(end: number): number {
    const length = this.#varint()
    if (length > end - this.#at) throw new FrameFault('a message ends before its time')
    return this.#at + length
  }

  /** UTF-8; malformed bytes become U+FFFD. */
  #text(end: number): string {
    const textEnd = this.#nested(end)
    const text = this.#bytes.toString('utf8', this.#at, textEnd)
    this.#at = textEnd
    return text
  }

  #double(end: number): number {
    if (end - this.#at < 8) throw new FrameFault('a message ends before its time')
    this.#at += 8
    return this.#bytes.readDoubleLE(this.#at - 8)
  }

  /** Beyond 2^53 only that it is large is certain, which is all that any reader here asks. */
  #varint(): number {
    let value = 0
    let scale = 1
    for (let count = 0; count < MAX_VARINT_BYTES; count++) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new FrameFault('a message ends before its time')
      if (byte < MORE) return value + byte * scale
      value += (byte - MORE) * scale
      scale *= MORE
    }
    throw new FrameFault(`a number of more than ${MAX_VARINT_BYTES} bytes`)
  }

  /** Passes over a field that this version of the message does not have. */
  #skip(tag: number, end: number): void {
    if (tag < 8 || tag > 0xffffffff) throw new FrameFault(`a field with the tag ${tag}`)
    switch (tag % 8) {
      case 0:
        this.#varint()
        return
      case 1:
        this.#at += 8
        return
      case 2:
        this.#at = this.#nested(end)
        return
      case 5:
        this.#at += 4
        return
      default:
        // Groups are older than these messages.
        throw new FrameFault(`a field with the tag ${tag}`)
    }
  }

  #expectAt(end: number): void {
    if (this.#at !== end) throw new FrameFault('a message ends before its time')
  }
}

/** As an assignment would not: that would replace the prototype. */
function setOwn(struct: object, key: string, value: unknown): void {
  Object.defineProperty(struct, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  })
}
