import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { FrameFault } from '../frame-fault.ts'

/** Kong nests headers and query one level deep, and what a plugin has put into its context a few. */
const MAX_DEPTH = 100
/** An empty value costs two bytes on the wire and some thirty in memory. */
const MAX_VALUES = 1_000_000

/** A `google.protobuf.Struct` as an object. Throws for bytes that are none. */
export function readStruct(bytes: Uint8Array): Record<string, unknown> {
  return new StructReader().struct(bytes, 0)
}

/** A `google.protobuf.ListValue` as a list. */
export function readList(bytes: Uint8Array): unknown[] {
  return new StructReader().list(bytes, 0)
}

/** A `google.protobuf.Value`; one without a kind is undefined. */
export function readValue(bytes: Uint8Array): unknown {
  return new StructReader().value(bytes, 0)
}

class StructReader {
  #values = 0

  struct(bytes: Uint8Array, depth: number): Record<string, unknown> {
    const struct: Record<string, unknown> = {}
    const reader = new BinaryReader(bytes)
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag()
      if (number === 1 && type === WireType.LengthDelimited) {
        this.#entry(reader.bytes(), depth, struct)
      } else reader.skip(type, number)
    }
    return struct
  }

  list(bytes: Uint8Array, depth: number): unknown[] {
    const list: unknown[] = []
    const reader = new BinaryReader(bytes)
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag()
      if (number === 1 && type === WireType.LengthDelimited) {
        list.push(this.value(reader.bytes(), depth))
      } else reader.skip(type, number)
    }
    return list
  }

  value(bytes: Uint8Array, depth: number): unknown {
    if (depth > MAX_DEPTH) throw new FrameFault(`more than ${MAX_DEPTH} levels`)
    if (++this.#values > MAX_VALUES) throw new FrameFault(`more than ${MAX_VALUES} values`)
    let value: unknown
    const reader = new BinaryReader(bytes)
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag()
      value = this.#kind(reader, number, type, depth)
    }
    return value
  }

  #entry(bytes: Uint8Array, depth: number, struct: Record<string, unknown>): void {
    let key = ''
    let value: unknown
    const reader = new BinaryReader(bytes)
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag()
      if (number === 1 && type === WireType.LengthDelimited) key = text(reader)
      else if (number === 2 && type === WireType.LengthDelimited) {
        value = this.value(reader.bytes(), depth)
      } else reader.skip(type, number)
    }
    if (key === '__proto__') setOwn(struct, key, value)
    else struct[key] = value
  }

  // biome-ignore format: reads as a table
  #kind(reader: BinaryReader, number: number, type: WireType, depth: number): unknown {
    switch ((number << 3) | type) {
      case 0x08: reader.uint32(); return null
      case 0x11: return reader.double()
      case 0x1a: return text(reader)
      case 0x20: return reader.bool()
      case 0x2a: return this.struct(reader.bytes(), depth + 1)
      case 0x32: return this.list(reader.bytes(), depth + 1)
      default: reader.skip(type, number); return undefined
    }
  }
}

/** Not the library's decoder: Node.js has a faster one for the short strings that headers are. */
function text(reader: BinaryReader): string {
  const { buffer, byteOffset, byteLength } = reader.bytes()
  return Buffer.from(buffer, byteOffset, byteLength).toString()
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
