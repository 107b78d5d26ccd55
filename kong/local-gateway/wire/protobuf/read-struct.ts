import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/** A `google.protobuf.Struct` as the Lua table that Kong makes of it. Throws for bytes that are none. */
export function readStruct(bytes: Uint8Array): Record<string, unknown> {
  const table: Record<string, unknown> = {}
  for (const entry of delimited(bytes, 1)) {
    let key = ''
    let value: unknown
    const reader = new BinaryReader(entry)
    while (reader.pos < reader.len) {
      const [number, type] = reader.tag()
      if (number === 1 && type === WireType.LengthDelimited) key = reader.string()
      else if (number === 2 && type === WireType.LengthDelimited) value = readValue(reader.bytes())
      else reader.skip(type, number)
    }
    if (value !== undefined) table[key] = value
  }
  return table
}

/** A `google.protobuf.ListValue` as a Lua list; what is nil there leaves no hole. */
export function readList(bytes: Uint8Array): unknown[] {
  return delimited(bytes, 1)
    .map(readValue)
    .filter((value) => value !== undefined)
}

/** A `google.protobuf.Value` as Kong reads it: `false` becomes nil, and null the name of its number. */
export function readValue(bytes: Uint8Array): unknown {
  let value: unknown
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag()
    const [wanted, read] = KINDS[number] ?? []
    if (read !== undefined && wanted === type) value = read(reader)
    else reader.skip(type, number)
  }
  return value
}

/** What a value can be, by field number. */
const KINDS: Readonly<Record<number, readonly [WireType, (reader: BinaryReader) => unknown]>> = {
  1: [WireType.Varint, (reader) => nullName(reader.int32())],
  2: [WireType.Bit64, (reader) => reader.double()],
  3: [WireType.LengthDelimited, (reader) => reader.string()],
  4: [WireType.Varint, (reader) => reader.bool() || undefined],
  5: [WireType.LengthDelimited, (reader) => readStruct(reader.bytes())],
  6: [WireType.LengthDelimited, (reader) => readList(reader.bytes())],
}

function nullName(number: number): unknown {
  return number === 0 ? 'NULL_VALUE' : number
}

/** Every value of one length-delimited field. */
function delimited(bytes: Uint8Array, wanted: number): Uint8Array[] {
  const values: Uint8Array[] = []
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag()
    if (number === wanted && type === WireType.LengthDelimited) values.push(reader.bytes())
    else reader.skip(type, number)
  }
  return values
}
