import { WireType } from '@bufbuild/protobuf/wire'
import { ByteWriter } from './byte-writer.ts'
import { type Field, MESSAGES, type MessageName } from './messages.ts'
import type { Message } from './read-message.ts'
import { writeList, writeStruct, writeValue } from './write-struct.ts'

/**
 * The bytes of a message, members in the order in which the object has them. Absent and null members,
 * zeroes and empty texts are left out, as are members that the message does not know. Throws a `TypeError`
 * for a value of another type.
 */
export function writeMessage(name: MessageName, message: Message): Uint8Array {
  const writer = new ByteWriter()
  writeFields(writer, name, message)
  return writer.finish()
}

function writeFields(writer: ByteWriter, name: MessageName, message: Message): void {
  const fields = MESSAGES[name]
  for (const [member, value] of Object.entries(message)) {
    const field = Object.hasOwn(fields, member) ? fields[member] : undefined
    if (field === undefined || value === undefined || value === null) continue
    if (!field.repeated) writeField(writer, field, value, `${name}.${member}`)
    else if (Array.isArray(value)) {
      for (const item of value) writeField(writer, field, item, `${name}.${member}`)
    } else throw new TypeError(`${name}.${member} is no list`)
  }
}

function writeField(writer: ByteWriter, field: Field, value: unknown, path: string): void {
  const { number, type, oneOf, repeated } = field
  if (isZero(value) && !oneOf && !repeated && isScalar(type)) return
  switch (type) {
    case 'int':
      if (!Number.isSafeInteger(value)) throw new TypeError(`${path} is no whole number`)
      writer.tag(number, WireType.Varint).varint(Number(value))
      return
    case 'double':
      if (typeof value !== 'number') throw new TypeError(`${path} is no number`)
      writer.tag(number, WireType.Bit64).double(value)
      return
    case 'bool':
      writer.tag(number, WireType.Varint).varint(value ? 1 : 0)
      return
    case 'text':
    case 'bytes':
      writer.tag(number, WireType.LengthDelimited)
      if (value instanceof Uint8Array) writer.bytes(value)
      else writer.text(textOf(value, path))
      return
    default: {
      const nested = writer.tag(number, WireType.LengthDelimited).open()
      writeNested(writer, type, value, path)
      writer.close(nested)
    }
  }
}

type Scalar = 'int' | 'double' | 'bool' | 'text' | 'bytes'

function isScalar(type: Field['type']): type is Scalar {
  return ['int', 'double', 'bool', 'text', 'bytes'].includes(type)
}

function isZero(value: unknown): boolean {
  if (value instanceof Uint8Array) return value.length === 0
  return value === 0 || value === '' || value === false
}

type Nested = Exclude<Field['type'], Scalar>

function writeNested(writer: ByteWriter, type: Nested, value: unknown, path: string): void {
  if (type === 'Value') {
    writeValue(writer, value)
    return
  }
  if (typeof value !== 'object' || value === null) throw new TypeError(`${path} is no ${type}`)
  if (type === 'Struct') writeStruct(writer, value)
  else if (type === 'ListValue') writeList(writer, Object.values(value))
  else writeFields(writer, type, value as Message)
}

/** Numbers as Lua would make text of them. */
function textOf(value: unknown, path: string): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  throw new TypeError(`${path} is no text`)
}
