import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { LuaError } from '../../lua-error.ts'
import { MESSAGES, type Member, type MessageName, type Type } from './messages.ts'
import { readList, readStruct, readValue } from './read-struct.ts'

type Table = Readonly<Record<string, unknown>>

const SCALARS: Readonly<Partial<Record<Type, WireType>>> = {
  int: WireType.Varint,
  bool: WireType.Varint,
  double: WireType.Bit64,
}

/**
 * A message as Kong's own decoder reads it, members in order of arrival: numbers, texts and booleans that are not there are zero, empty
 * and false; messages that are not there are absent. Throws `LuaError` for bytes that are none.
 */
export function readMessage(name: MessageName, bytes: Uint8Array): Table {
  const members = Object.entries(MESSAGES[name])
  const table: Record<string, unknown> = {}
  try {
    readMembers(new BinaryReader(bytes), members, table)
  } catch (cause) {
    if (cause instanceof LuaError) throw cause
    throw new LuaError(`${name}: cannot be decoded`, { cause })
  }
  for (const [key, member] of members) if (!(key in table)) table[key] = absent(member)
  return table
}

function readMembers(
  reader: BinaryReader,
  members: readonly (readonly [string, Member])[],
  table: Record<string, unknown>,
): void {
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    const [key, member] = members.find(([, known]) => known.number === number) ?? []
    if (key === undefined || member === undefined) {
      reader.skip(wireType, number)
      continue
    }
    if (wireType !== (SCALARS[member.type] ?? WireType.LengthDelimited)) {
      throw new LuaError(`type mismatch for field '${key}'`)
    }
    const value = readMember(reader, member.type)
    const before = (table[key] ?? []) as readonly unknown[]
    table[key] = member.repeated ? [...before, value] : value
  }
}

function readMember(reader: BinaryReader, type: Type): unknown {
  switch (type) {
    case 'int':
      return Number(reader.int64())
    case 'double':
      return reader.double()
    case 'bool':
      return reader.bool()
    case 'text':
      return Buffer.from(reader.bytes()).toString()
    case 'bytes':
      return Buffer.from(reader.bytes())
    case 'Struct':
      return readStruct(reader.bytes())
    case 'Value':
      return readValue(reader.bytes())
    case 'ListValue':
      return readList(reader.bytes())
    default:
      return readMessage(type, reader.bytes())
  }
}

function absent({ type, repeated, oneOf }: Member): unknown {
  if (repeated) return []
  if (oneOf) return undefined
  if (type === 'int' || type === 'double') return 0
  if (type === 'bool') return false
  return type === 'text' || type === 'bytes' ? '' : undefined
}
