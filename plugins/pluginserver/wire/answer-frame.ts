import { encodeValue } from './encode-value.ts'

const ANSWER = Buffer.from([0x94, 0x01])
// nil for "no error", then a map of two members, of which this is the first key.
const DATA_KEY = Buffer.concat([Buffer.from([0xc0, 0x82]), encodeValue('Data')])
const EVENT_KEY = encodeValue('EventId')

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
  return Buffer.concat([
    ANSWER,
    encodeValue(messageId),
    DATA_KEY,
    data,
    EVENT_KEY,
    encodeValue(eventId),
  ])
}
