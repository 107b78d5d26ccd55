import type { Exchange } from './exchange.ts'
import { LuaError } from './lua-error.ts'

/**
 * `kong.request.get_raw_body(max)`: the body as bytes. One above `bufferBytes` has been spooled to disk
 * and is only read back up to `max`, where 0 is no limit; else it is nil. Where the client has announced
 * the length, nginx makes the buffer up to a quarter larger. Run on a Kong 3.9.3.
 */
export async function rawBody(
  exchange: Exchange,
  max: unknown,
  bufferBytes: number,
): Promise<Buffer | undefined> {
  const body = await exchange.body().catch((cause: unknown) => {
    throw new LuaError(`client gone: ${String(cause)}`)
  })
  const isAnnounced = !exchange.clientHeaders.has('transfer-encoding')
  if (body.length <= (isAnnounced ? bufferBytes * 1.25 : bufferBytes)) return body
  return typeof max === 'number' && (max === 0 || body.length <= max) ? body : undefined
}
