import { type BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** Deeper than anything that makes sense; an object that holds itself ends here. */
const MAX_DEPTH = 100

/** Writes a `google.protobuf.Struct`. Undefined and null are left out, as a Lua table does. */
export function writeStruct(writer: BinaryWriter, struct: object, depth = 0): void {
  for (const [key, value] of Object.entries(struct)) {
    if (value === undefined || value === null) continue
    writer.tag(1, WireType.LengthDelimited).fork()
    writer.tag(1, WireType.LengthDelimited).bytes(Buffer.from(key))
    writer.tag(2, WireType.LengthDelimited).fork()
    writeValue(writer, value, depth)
    writer.join().join()
  }
}

/** Writes a `google.protobuf.ListValue`. */
export function writeList(writer: BinaryWriter, items: readonly unknown[], depth = 0): void {
  for (const item of items) {
    writer.tag(1, WireType.LengthDelimited).fork()
    writeValue(writer, item, depth)
    writer.join()
  }
}

/** Writes a `google.protobuf.Value`. Throws a `TypeError` for what none can hold. */
export function writeValue(writer: BinaryWriter, value: unknown, depth = 0): void {
  if (depth > MAX_DEPTH) throw new TypeError(`more than ${MAX_DEPTH} levels`)
  switch (typeof value) {
    case 'undefined':
      writer.tag(1, WireType.Varint).uint32(0)
      return
    case 'number':
      writer.tag(2, WireType.Bit64).double(value)
      return
    case 'string':
      writer.tag(3, WireType.LengthDelimited).bytes(Buffer.from(value))
      return
    case 'boolean':
      writer.tag(4, WireType.Varint).bool(value)
      return
    case 'object':
      writeObject(writer, value, depth)
      return
    default:
      throw new TypeError(`a ${typeof value} cannot be sent to Kong`)
  }
}

function writeObject(writer: BinaryWriter, value: object | null, depth: number): void {
  if (value === null) writer.tag(1, WireType.Varint).uint32(0)
  else if (value instanceof Uint8Array) writer.tag(3, WireType.LengthDelimited).bytes(value)
  else if (Array.isArray(value)) {
    writer.tag(6, WireType.LengthDelimited).fork()
    writeList(writer, value, depth + 1)
    writer.join()
  } else {
    writer.tag(5, WireType.LengthDelimited).fork()
    writeStruct(writer, value, depth + 1)
    writer.join()
  }
}
