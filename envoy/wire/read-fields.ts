import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/** Takes the value of one field. */
export type FieldReader = readonly [WireType, (reader: BinaryReader) => void]

/**
 * Walks the fields of a protobuf message in the order in which they came; numbers that are not known are
 * skipped, as newer versions of Envoy add some. Throws for bytes that are no message, and for a known number of
 * another wire type.
 */
export function readFields(
  bytes: Uint8Array,
  known: Readonly<Record<number, FieldReader | undefined>>,
): void {
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [number, wireType] = reader.tag()
    const field = known[number]
    if (field === undefined) {
      reader.skip(wireType, number)
      continue
    }
    if (field[0] !== wireType) throw new TypeError(`field ${number} is of another type`)
    field[1](reader)
  }
}

/** Takes a message or a byte string; a view of the bytes that were read. */
export const bytesField = (take: (bytes: Uint8Array) => void): FieldReader => [
  WireType.LengthDelimited,
  (reader) => take(reader.bytes()),
]

/** Takes text; malformed UTF-8 becomes U+FFFD. Node.js decodes short texts faster than the library. */
export const textField = (take: (text: string) => void): FieldReader =>
  bytesField((bytes) => take(textOf(bytes)))

/** Takes a whole number; beyond 2^53 it loses precision. */
export const intField = (take: (value: number) => void): FieldReader => [
  WireType.Varint,
  (reader) => take(Number(reader.int64())),
]

export const doubleField = (take: (value: number) => void): FieldReader => [
  WireType.Bit64,
  (reader) => take(reader.double()),
]

/** Takes one entry of a `map<string, string>`. */
export const entryField = (take: (key: string, value: string) => void): FieldReader =>
  bytesField((bytes) => {
    let key = ''
    let value = ''
    readFields(bytes, {
      1: textField((text) => {
        key = text
      }),
      2: textField((text) => {
        value = text
      }),
    })
    take(key, value)
  })

function textOf({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString()
}
