import { connect } from 'node:net'
import { decodeValue } from '../wire/msgpack/decode-value.ts'
import { encodeValue } from '../wire/msgpack/encode-value.ts'
import { FrameReader } from '../wire/msgpack/frame-reader.ts'

const TIMEOUT_MS = 1000
const MAX_STATUS_BYTES = 1_048_576
const GET_STATUS = encodeValue([0, 1, 'plugin.GetStatus', []])

/**
 * Whoever listens at a socket: nobody, or a plugin server, whose process id is known if it answers. Whether
 * a Kong started it, only this server tells; of another one it is not known to be so.
 */
export type SocketOwner =
  | { readonly alive: false }
  | { readonly alive: true; readonly pid?: number; readonly startedByKong: boolean }

const UNKNOWN: SocketOwner = { alive: true, startedByKong: false }

/** Asks a plugin server, ours or the stock one, who it is. Rejects when the socket may not be opened. */
export function probeSocket(path: string): Promise<SocketOwner> {
  return new Promise((resolve, reject) => {
    const reader = new FrameReader({ maxFrameBytes: MAX_STATUS_BYTES })
    const socket = connect(path, () => socket.write(GET_STATUS))
    const settle = (owner: SocketOwner) => {
      socket.destroy()
      resolve(owner)
    }
    socket.setTimeout(TIMEOUT_MS, () => settle(UNKNOWN))
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.append(chunk)
        const frame = reader.next()
        if (frame !== undefined) settle(ownerIn(decodeValue(frame)))
      } catch {
        settle(UNKNOWN)
      }
    })
    socket.on('end', () => settle(UNKNOWN))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') settle({ alive: false })
      else reject(new Error(`${path} exists and cannot be connected to (${error.code})`))
    })
  })
}

function ownerIn(answer: unknown): SocketOwner {
  const status: unknown = Array.isArray(answer) ? answer[3] : undefined
  if (typeof status !== 'object' || status === null) return UNKNOWN
  const { Pid, StartedByKong } = status as { Pid?: unknown; StartedByKong?: unknown }
  if (typeof Pid !== 'number') return UNKNOWN
  return { alive: true, pid: Pid, startedByKong: StartedByKong === true }
}
