import { type Body, type Call, deny, type RequestLine } from '../../lib/index.ts'
import type { HeaderLists, Kong } from './kong.ts'

/** What Kong reads at most; beyond it headers stay unseen. Kong's own ceiling. */
export const MAX_HEADERS = 1000

/** Reads the headers of the request. Denies when there may be more than Kong shows. */
export async function readHeaders(kong: Kong): Promise<HeaderLists> {
  const headers = (await kong.request.get_headers(MAX_HEADERS)) ?? {}
  const count = Object.values(headers).reduce((sum, values) => sum + values.length, 0)
  // A spoofed identity header may hide behind the last one that is shown.
  if (count >= MAX_HEADERS) deny('too_many_headers')
  return headers
}

/** One Kong request in the core's terms. What the core does not ask for costs nothing. */
export function readCall(kong: Kong, headers: HeaderLists): Call {
  let line: Promise<RequestLine> | undefined
  return {
    authorization: valuesOf(headers, 'authorization'),
    connection: valuesOf(headers, 'connection'),
    requestLine() {
      line ??= readRequestLine(kong)
      return line
    },
    body: (maxBytes) => readBody(kong, headers, maxBytes),
  }
}

async function readRequestLine(kong: Kong): Promise<RequestLine> {
  const method = await kong.request.get_method()
  const target = await kong.request.get_path_with_query()
  const query = target.indexOf('?')
  if (query < 0) return { method, rawPath: target, rawQuery: '' }
  return { method, rawPath: target.slice(0, query), rawQuery: target.slice(query + 1) }
}

async function readBody(kong: Kong, headers: HeaderLists, maxBytes: number): Promise<Body> {
  const length = valuesOf(headers, 'content-length')[0]
  // Kong cannot hand over a body above the limit and fails the request; so look before asking.
  if (length !== undefined && !(Number(length) <= maxBytes)) return { kind: 'over_limit' }
  if (length === '0') return { kind: 'bytes', bytes: Buffer.alloc(0) }
  const body = await kong.request.get_raw_body(maxBytes)
  if (body === null || body === undefined) return { kind: 'unreadable' }
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  // A chunked body that fits Kong's buffer is handed over whatever the limit.
  return bytes.length > maxBytes ? { kind: 'over_limit' } : { kind: 'bytes', bytes }
}

function valuesOf(headers: HeaderLists, name: string): readonly string[] {
  return headers[name] ?? []
}
