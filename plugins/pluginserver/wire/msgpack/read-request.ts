import { FrameFault } from '../frame-fault.ts'
import { decodeValue } from './decode-value.ts'

/** One call from Kong. `method` is as received, `plugin.HandleEvent` for example. */
export interface RpcRequest {
  readonly messageId: number
  readonly method: string
  readonly parameters: readonly unknown[]
}

/** Reads `[0, id, method, [parameters]]`. Throws `FrameFault` for anything else. */
export function readRequest(frame: Buffer): RpcRequest {
  const message = decodeValue(frame)
  if (!Array.isArray(message) || message.length !== 4) throw new FrameFault('not a request')
  const [type, messageId, method, parameters]: unknown[] = message
  if (type !== 0 || !isUnsigned(messageId)) throw new FrameFault('not a request')
  if (typeof method !== 'string' || !Array.isArray(parameters))
    throw new FrameFault('not a request')
  return { messageId, method, parameters }
}

/**
 * What can be told of a request from its beginning alone, for an answer to a frame that is too large or
 * broken further on.
 */
export function readHead(beginning: Buffer): Omit<RpcRequest, 'parameters'> | undefined {
  if (beginning[0] !== 0x94 || beginning[1] !== 0) return undefined
  try {
    // Neither an array nor a map can start here, so nothing large is read.
    const messageId = decodeValue(scalarAt(beginning, 2))
    const method = decodeValue(scalarAt(beginning, 2 + scalarSize(beginning, 2)))
    return isUnsigned(messageId) && typeof method === 'string' ? { messageId, method } : undefined
  } catch {
    return undefined
  }
}

function scalarAt(bytes: Buffer, at: number): Buffer {
  return bytes.subarray(at, at + scalarSize(bytes, at))
}

/** Size of a small unsigned integer or short string, the only things that Kong puts here. */
function scalarSize(bytes: Buffer, at: number): number {
  const lead = bytes.readUInt8(at)
  if (lead < 0x80) return 1
  if (lead >= 0xa0 && lead < 0xc0) return 1 + (lead & 0x1f)
  const width = { 204: 1, 205: 2, 206: 4, 207: 8 }[lead]
  if (width === undefined) throw new FrameFault(`type byte 0x${lead.toString(16)}`)
  return 1 + width
}

function isUnsigned(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
