import type { RequestLine } from '../../lib/call.ts'

/** What `fetch` takes. */
export type FetchInput = string | URL | Request

/** A call that is ready to be sent, as often as its body allows. */
export interface PreparedCall {
  readonly method: string
  /** As the gateway will see it. */
  readonly line: RequestLine
  /** Absent for a body that streams by and can be read only once. */
  readonly body: Uint8Array | undefined
  readonly signal: AbortSignal
  /** The request with this token. Once only when the body streams. */
  withToken(token: string): Request
}

/**
 * Reads what is to be sent. Buffers the body when it is in memory anyway or `buffered` asks for it.
 * Redirects are not followed: the token in the request is spent by the answer that redirects.
 */
export async function prepareCall(
  input: FetchInput,
  init: RequestInit | undefined,
  buffered: boolean,
): Promise<PreparedCall> {
  const request = requestOf(input, init)
  const streams = request.body !== null && isStream(input, init) && !buffered
  const body = streams ? undefined : new Uint8Array(await request.arrayBuffer())
  const { method, signal } = request
  const redirect = request.redirect === 'error' ? 'error' : 'manual'
  return {
    method,
    line: requestLineOf(method, request.url),
    body,
    signal,
    withToken(token) {
      const headers = new Headers(request.headers)
      headers.set('authorization', `OathMesh ${token}`)
      if (body === undefined) return new Request(request, { headers, redirect })
      const content = body.length > 0 && { body }
      return new Request(request.url, { method, headers, redirect, signal, ...content })
    },
  }
}

/** Throws `TypeError` that quotes nothing: the platform's messages repeat header values and passwords in URLs. */
function requestOf(input: FetchInput, init: RequestInit | undefined): Request {
  try {
    return new Request(input, init)
  } catch {
    throw new TypeError(faultOf(input, init))
  }
}

function faultOf(input: FetchInput, init: RequestInit | undefined): string {
  const url = input instanceof Request ? input.url : String(input)
  if (!URL.canParse(url)) return 'url: cannot be read; expected an absolute one'
  const { username, password } = new URL(url)
  if (username !== '' || password !== '') return 'url: must be without user info'
  try {
    new Headers(init?.headers)
  } catch {
    return 'headers: one has a name or a value that cannot be sent'
  }
  return 'method: must be a token other than CONNECT, TRACE and TRACK, and have no body with GET or HEAD'
}

/** The request-target that `fetch` sends for a URL. */
export function requestLineOf(method: string, url: string | URL): RequestLine {
  const { pathname, search } = new URL(url)
  return { method, rawPath: pathname, rawQuery: search.slice(1) }
}

function isStream(input: FetchInput, init: RequestInit | undefined): boolean {
  if (init?.body !== undefined && init.body !== null) return init.body instanceof ReadableStream
  return input instanceof Request
}
