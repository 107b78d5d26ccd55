import { Encoder } from '@msgpack/msgpack'

/** An encoder keeps a buffer as large as its largest value; beyond this size it is not kept. */
const MAX_KEPT_BYTES = 65_536

let encoder = new Encoder()

/** MessagePack bytes of a value. Throws for functions, symbols, big integers and more than 100 levels. */
export function encodeValue(value: unknown): Uint8Array {
  const bytes = encoder.encode(value)
  if (bytes.length > MAX_KEPT_BYTES) encoder = new Encoder()
  return bytes
}
