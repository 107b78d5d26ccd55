import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/** A `google.protobuf.Struct` of a Lua table. What is absent or null is not in a Lua table. */
export function writeStruct(table: Readonly<Record<string, unknown>>): Uint8Array {
  const writer = new BinaryWriter()
  for (const [key, value] of Object.entries(table)) {
    if (value === undefined || value === null) continue
    writer.tag(1, WireType.LengthDelimited).fork()
    writer.tag(1, WireType.LengthDelimited).string(key)
    writer.tag(2, WireType.LengthDelimited).bytes(writeValue(value)).join()
  }
  return writer.finish()
}

/** A `google.protobuf.ListValue`. */
export function writeList(items: readonly unknown[]): Uint8Array {
  const writer = new BinaryWriter()
  for (const item of items) writer.tag(1, WireType.LengthDelimited).bytes(writeValue(item))
  return writer.finish()
}

/** A `google.protobuf.Value` as Kong writes it: nil is an unusual null, an empty table a Struct. */
export function writeValue(value: unknown): Uint8Array {
  const writer = new BinaryWriter()
  if (value === undefined || value === null)
    return writer.tag(1, WireType.Varint).uint32(1).finish()
  switch (typeof value) {
    case 'number':
      return writer.tag(2, WireType.Bit64).double(value).finish()
    case 'string':
      return writer.tag(3, WireType.LengthDelimited).string(value).finish()
    case 'boolean':
      return writer.tag(4, WireType.Varint).bool(value).finish()
    default:
      break
  }
  if (Array.isArray(value) && value.length > 0) {
    return writer.tag(6, WireType.LengthDelimited).bytes(writeList(value)).finish()
  }
  const table = value as Readonly<Record<string, unknown>>
  return writer.tag(5, WireType.LengthDelimited).bytes(writeStruct(table)).finish()
}
