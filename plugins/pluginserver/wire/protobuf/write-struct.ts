import { WireType } from '@bufbuild/protobuf/wire'
import type { ByteWriter } from './byte-writer.ts'

/** Deeper than anything that makes sense; an object that holds itself ends here. */
const MAX_DEPTH = 100

/** Writes a `google.protobuf.Struct`. Undefined and null are left out, as a Lua table does. */
export function writeStruct(writer: ByteWriter, struct: object, depth = 0): void {
  for (const [key, value] of Object.entries(struct)) {
    if (value === undefined || value === null) continue
    const entry = writer.tag(1, WireType.LengthDelimited).open()
    writer.tag(1, WireType.LengthDelimited).text(key)
    const content = writer.tag(2, WireType.LengthDelimited).open()
    writeValue(writer, value, depth)
    writer.close(content)
    writer.close(entry)
  }
}

/** Writes a `google.protobuf.ListValue`. */
export function writeList(writer: ByteWriter, items: readonly unknown[], depth = 0): void {
  for (const item of items) {
    const content = writer.tag(1, WireType.LengthDelimited).open()
    writeValue(writer, item, depth)
    writer.close(content)
  }
}

/** Writes a `google.protobuf.Value`. Throws a `TypeError` for what none can hold. */
export function writeValue(writer: ByteWriter, value: unknown, depth = 0): void {
  if (depth > MAX_DEPTH) throw new TypeError(`more than ${MAX_DEPTH} levels`)
  switch (typeof value) {
    case 'undefined':
      writer.tag(1, WireType.Varint).varint(0)
      return
    case 'number':
      writer.tag(2, WireType.Bit64).double(value)
      return
    case 'string':
      writer.tag(3, WireType.LengthDelimited).text(value)
      return
    case 'boolean':
      writer.tag(4, WireType.Varint).varint(value ? 1 : 0)
      return
    case 'object':
      writeObject(writer, value, depth)
      return
    default:
      throw new TypeError(`a ${typeof value} cannot be sent to Kong`)
  }
}

function writeObject(writer: ByteWriter, value: object | null, depth: number): void {
  if (value === null) writer.tag(1, WireType.Varint).varint(0)
  else if (value instanceof Uint8Array) writer.tag(3, WireType.LengthDelimited).bytes(value)
  else if (Array.isArray(value)) {
    const list = writer.tag(6, WireType.LengthDelimited).open()
    writeList(writer, value, depth + 1)
    writer.close(list)
  } else {
    const struct = writer.tag(5, WireType.LengthDelimited).open()
    writeStruct(writer, value, depth + 1)
    writer.close(struct)
  }
}
