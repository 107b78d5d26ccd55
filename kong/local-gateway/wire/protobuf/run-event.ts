import { hasPdk, runPdk } from '../../run-pdk.ts'
import type { PluginEvent } from '../wire.ts'
import { WireFault } from '../wire-fault.ts'
import { PDK_MESSAGES } from './pdk-messages.ts'

/** The frames of one connection. */
export interface Frames {
  send(frame: Uint8Array): void
  read(): Promise<Buffer>
}

/**
 * Kong's side of an event whose first frame has been sent: each pair of frames, a method and its
 * argument, is run and answered in the order of arrival, until an empty frame. Resolves with whether it
 * ended so: after an exit Kong sends nothing more.
 */
export async function runEvent(frames: Frames, event: PluginEvent): Promise<boolean> {
  for (;;) {
    const method = (await frames.read()).toString()
    if (method === '') return true
    const bytes = await frames.read()
    const answer = await answerTo(method, bytes, event)
    if (event.phase === 'access' && event.exchange.exit !== undefined) return false
    frames.send(answer)
  }
}

async function answerTo(
  method: string,
  bytes: Uint8Array,
  event: PluginEvent,
): Promise<Uint8Array> {
  const messages = Object.hasOwn(PDK_MESSAGES, method) ? PDK_MESSAGES[method] : undefined
  if (messages === undefined || !hasPdk(method)) {
    throw new WireFault(`method "${method}" not found`)
  }
  const [argumentsOf, write] = messages
  const result = await runPdk(method, argumentsOf(bytes), event)
  return write(result, event.exchange, event.env)
}
