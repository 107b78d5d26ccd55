import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { FrameFault } from '../frame-fault.ts'
import { type Field, type FieldType, MESSAGES, type MessageName } from './messages.ts'
import { readList, readStruct, readValue } from './read-struct.ts'

export type Message = Readonly<Record<string, unknown>>

type Numbered = ReadonlyMap<number, readonly [name: string, field: Field]>

const BY_NUMBER = new Map<MessageName, Numbered>(
  (Object.entries(MESSAGES) as [MessageName, Readonly<Record<string, Field>>][]).map(
    ([message, fields]) => [
      message,
      new Map(Object.entries(fields).map(([name, field]) => [field.number, [name, field]])),
    ],
  ),
)
const SCALARS: Readonly<Partial<Record<FieldType, WireType>>> = {
  int: WireType.Varint,
  bool: WireType.Varint,
  double: WireType.Bit64,
}

/**
 * A message with the members that it holds, in the order in which they came; what it does not hold is
 * absent, not a zero. Byte strings are views, integers beyond 2^53 lose precision. Throws `FrameFault` for
 * bytes that are no such message.
 */
export function readMessage(name: MessageName, bytes: Uint8Array): Message {
  try {
    return readFields(name, bytes)
  } catch (cause) {
    if (cause instanceof FrameFault) throw cause
    throw new FrameFault(`${name} cannot be decoded`, { cause })
  }
}

/** UTF-8 as text; malformed bytes become U+FFFD. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
}

function readFields(name: MessageName, bytes: Uint8Array): Message {
  const known = BY_NUMBER.get(name)
  const message: Record<string, unknown> = {}
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    const found = known?.get(number)
    if (found === undefined) {
      reader.skip(wireType, number)
      continue
    }
    const [member, { type, repeated }] = found
    if (wireType !== (SCALARS[type] ?? WireType.LengthDelimited)) {
      throw new FrameFault(`${name}.${member} is of another type`)
    }
    const value = readField(reader, type)
    const before = message[member]
    if (!repeated) message[member] = value
    else if (Array.isArray(before)) before.push(value)
    else message[member] = [value]
  }
  return message
}

// biome-ignore format: reads as a table
function readField(reader: BinaryReader, type: FieldType): unknown {
  switch (type) {
    case 'int': return Number(reader.int64())
    case 'double': return reader.double()
    case 'bool': return reader.bool()
    case 'text': return textOf(reader.bytes())
    case 'bytes': return reader.bytes()
    case 'Struct': return readStruct(reader.bytes())
    case 'Value': return readValue(reader.bytes())
    case 'ListValue': return readList(reader.bytes())
    default: return readFields(type, reader.bytes())
  }
}
