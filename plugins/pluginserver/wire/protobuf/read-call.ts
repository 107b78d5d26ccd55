import { FrameFault } from '../frame-fault.ts'
import { MESSAGES } from './messages.ts'
import { type Message, readMessage } from './read-message.ts'

/** One call from Kong: its name in `RpcCall`, `handleEvent` for example, and what it says. */
export interface RpcCall {
  readonly sequence: number
  readonly name: string
  readonly fields: Message
}

/** Reads an `RpcCall` of exactly one kind. Throws `FrameFault` for anything else. */
export function readCall(frame: Buffer): RpcCall {
  const message = readMessage('RpcCall', frame)
  const { sequence = 0 } = message
  const [name, another] = Object.keys(message).filter((member) => member !== 'sequence')
  if (name === undefined || another !== undefined || !Object.hasOwn(MESSAGES.RpcCall, name)) {
    throw new FrameFault('not a call')
  }
  if (!Number.isSafeInteger(sequence)) throw new FrameFault('a sequence that is no whole number')
  return { sequence: Number(sequence), name, fields: message[name] as Message }
}
