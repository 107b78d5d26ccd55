import { encodeValue } from './encode-value.ts'

const ANSWER = Buffer.from([0x94, 0x01])
// nil for "no error", then a map of two members, of which this is the first key.
const DATA_KEY = Buffer.concat([Buffer.from([0xc0, 0x82]), encodeValue('Data')])
const EVENT_KEY = encodeValue('EventId')
const FIXED_BYTES = ANSWER.length + DATA_KEY.length + EVENT_KEY.length
const MAX_UNSIGNED_BYTES = 9

/** The answer with a result. */
export function resultFrame(messageId: number, result: unknown): Uint8Array {
  return encodeValue([1, messageId, null, result])
}

/** The answer with an error. Kong proxies a request on after any error that it gets in a phase. */
export function errorFrame(messageId: number, message: string): Uint8Array {
  return encodeValue([1, messageId, message, null])
}

/** `{Data, EventId}`: what Kong shall do next in a phase. `data` is MessagePack already. */
export function stepFrame(messageId: number, data: Uint8Array, eventId: number): Uint8Array {
  const frame = Buffer.allocUnsafe(FIXED_BYTES + data.length + 2 * MAX_UNSIGNED_BYTES)
  let at = append(frame, 0, ANSWER)
  at = appendUnsigned(frame, at, messageId)
  at = append(frame, at, DATA_KEY)
  at = append(frame, at, data)
  at = append(frame, at, EVENT_KEY)
  at = appendUnsigned(frame, at, eventId)
  return frame.subarray(0, at)
}

function append(frame: Buffer, at: number, bytes: Uint8Array): number {
  frame.set(bytes, at)
  return at + bytes.length
}

function appendUnsigned(frame: Buffer, at: number, value: number): number {
  if (value < 0x80) return frame.writeUInt8(value, at)
  if (value < 0x1_0000_0000) {
    return frame.writeUInt32BE(value, frame.writeUInt8(0xce, at))
  }
  const high = Math.floor(value / 0x1_0000_0000)
  const behindHigh = frame.writeUInt32BE(high, frame.writeUInt8(0xcf, at))
  return frame.writeUInt32BE(value % 0x1_0000_0000, behindHigh)
}
