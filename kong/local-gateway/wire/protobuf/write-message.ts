import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { LuaError } from '../../lua-error.ts'
import { MESSAGES, type Member, type MessageName, type Type } from './messages.ts'
import { writeList, writeStruct, writeValue } from './write-struct.ts'

/**
 * A message as Kong's own encoder writes it: members in the order of the table, zeroes and empty texts
 * left out, booleans never. What is absent and what the message does not have is left out. Throws
 * `LuaError` for a value of another type.
 */
export function writeMessage(
  name: MessageName,
  table: Readonly<Record<string, unknown>>,
): Uint8Array {
  const writer = new BinaryWriter()
  for (const [key, value] of Object.entries(table)) {
    const description = MESSAGES[name]
    const member = Object.hasOwn(description, key) ? description[key] : undefined
    if (member === undefined || value === undefined || value === null) continue
    if (member.repeated && !Array.isArray(value)) throw unexpected(key, member.type)
    for (const item of Array.isArray(value) ? value : [value])
      writeMember(writer, member, key, item)
  }
  return writer.finish()
}

function writeMember(writer: BinaryWriter, member: Member, key: string, value: unknown): void {
  const isZero = value === 0 || value === '' || (value instanceof Uint8Array && value.length === 0)
  if (isZero && !member.oneOf && !member.repeated) return
  const { number, type } = member
  switch (type) {
    case 'int':
      if (typeof value !== 'number') throw unexpected(key, type)
      writer.tag(number, WireType.Varint).int64(Math.trunc(value))
      return
    case 'double':
      if (typeof value !== 'number') throw unexpected(key, type)
      writer.tag(number, WireType.Bit64).double(value)
      return
    case 'bool':
      writer.tag(number, WireType.Varint).bool(Boolean(value))
      return
    default:
      writer.tag(number, WireType.LengthDelimited).bytes(bytesOf(type, key, value))
  }
}

type Delimited = Exclude<Type, 'int' | 'double' | 'bool'>

function bytesOf(type: Delimited, key: string, value: unknown): Uint8Array {
  if (type === 'text' || type === 'bytes') {
    if (value instanceof Uint8Array) return value
    if (typeof value !== 'string') throw unexpected(key, type)
    return Buffer.from(value)
  }
  if (type === 'Value') return writeValue(value)
  if (typeof value !== 'object' || value === null) throw unexpected(key, type)
  const table = value as Readonly<Record<string, unknown>>
  if (type === 'Struct') return writeStruct(table)
  if (type === 'ListValue') return writeList(Object.values(table))
  return writeMessage(type, table)
}

function unexpected(key: string, type: Type): LuaError {
  return new LuaError(`${key}: not a ${type}`)
}
