import type { Body } from '../../lib/index.ts'
import type { Kong } from './kong.ts'

/** The code of the error with which the plugin server says that a body is larger than was asked for. */
const OVER_LIMIT = 'ERR_BODY_OVER_LIMIT'

/** The raw body, at most `maxBytes` of it, however it comes: announced, chunked, in memory or spooled to a file. */
export async function readBody(
  kong: Kong,
  contentLength: string | undefined,
  maxBytes: number,
): Promise<Body> {
  // On the MessagePack wire Kong fails the request for a body above the limit; so look before asking.
  if (contentLength !== undefined && !(Number(contentLength) <= maxBytes)) {
    return { kind: 'over_limit' }
  }
  if (contentLength === '0') return { kind: 'bytes', bytes: Buffer.alloc(0) }
  try {
    const body = await kong.request.get_raw_body(maxBytes)
    if (body === null || body === undefined) return { kind: 'unreadable' }
    const bytes = typeof body === 'string' ? Buffer.from(body) : body
    // A chunked body that fits Kong's buffer is handed over whatever the limit.
    return bytes.length > maxBytes ? { kind: 'over_limit' } : { kind: 'bytes', bytes }
  } catch (cause) {
    if ((cause as { code?: unknown } | null)?.code === OVER_LIMIT) return { kind: 'over_limit' }
    throw cause
  }
}
