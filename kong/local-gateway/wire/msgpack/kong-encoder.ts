import { Encoder } from '@msgpack/msgpack'

/** What Kong's own MessagePack writer never uses: the one-byte string length that came later. */
const SHORT_STRING = 31

interface HeaderWriter {
  pos: number
  view: DataView
  ensureBufferSizeToWrite(size: number): void
  writeStringHeader(byteLength: number): void
}

/** Writes the frames Kong writes, byte for byte: strings above 31 bytes have a two-byte length. */
export function kongEncoder(): Encoder {
  const encoder = new Encoder()
  const writer = encoder as unknown as HeaderWriter
  const standard = writer.writeStringHeader.bind(encoder)
  writer.writeStringHeader = (byteLength) => {
    if (byteLength <= SHORT_STRING || byteLength > 0xffff) return standard(byteLength)
    writer.ensureBufferSizeToWrite(3)
    writer.view.setUint8(writer.pos, 0xda)
    writer.view.setUint16(writer.pos + 1, byteLength)
    writer.pos += 3
  }
  return encoder
}
