import type { Socket } from 'node:net'
import type { Session } from '../../session/session.ts'
import { Connection } from '../msgpack/connection.ts'
import { dispatcher } from '../msgpack/dispatcher.ts'
import { serverMethods } from '../msgpack/server-methods.ts'

/** The beginning of a MessagePack request: an array of four whose first member is 0. */
const REQUEST = [0x94, 0x00]
const HEAD_BYTES = 4
/** As a length, a request's fourth byte means gigabytes: no frame of this wire begins so. */
const LEAST_METHOD_BYTE = 0xa0

/** `plugin.GetStatus`, by which a starting server finds out who is at its socket, asks in MessagePack. */
export interface StatusQuestion {
  isAskedBy(beginning: Buffer): boolean
  /** Answers on this connection from now on. `received` is what has been read of it. */
  answer(socket: Socket, received: Buffer): void
}

export function statusQuestion(session: Session): StatusQuestion {
  const { maxFrameBytes, phaseTimeoutMs } = session.limits
  const dispatch = dispatcher(serverMethods(session))
  return {
    isAskedBy: (beginning) =>
      beginning.length >= HEAD_BYTES &&
      REQUEST.every((byte, at) => beginning[at] === byte) &&
      (beginning[HEAD_BYTES - 1] ?? 0) >= LEAST_METHOD_BYTE,
    answer(socket, received) {
      new Connection(socket, { maxFrameBytes, phaseTimeoutMs, log: session.log, dispatch })
      socket.unshift(received)
    },
  }
}
