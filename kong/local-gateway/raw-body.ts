import type { Exchange } from './exchange.ts'
import { LuaError } from './lua-error.ts'

/**
 * The body as bytes; Kong answers this one call with MessagePack binary. A body above `bufferBytes`
 * has been spooled to disk and is only read back up to `max`, where 0 is no limit. Throws `LuaError`
 * instead of a nil, which cannot be written as binary.
 */
export async function rawBody(
  exchange: Exchange,
  max: unknown,
  bufferBytes: number,
): Promise<Buffer> {
  const body = await exchange.body().catch((cause: unknown) => {
    throw new LuaError(`client gone: ${String(cause)}`)
  })
  if (body.length <= bufferBytes) return body
  if (typeof max === 'number' && (max === 0 || body.length <= max)) return body
  throw new LuaError('get_raw_body: the request body is on disk')
}
