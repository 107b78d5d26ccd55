import type { Caller } from '../../../lib/caller.ts'
import type { CallContext, GatewayCall, PassAnswer, RefuseAnswer } from '../../../lib/index.ts'
import type { FetchBody } from './fetch-body.ts'
import { headerLists } from './header-lists.ts'
import { requestLineOf } from './request-target.ts'

/** Answers a request. `caller` is absent where no verifier has allowed it, as with `enforcement: observe`. */
export type FetchHandler<Rest extends readonly unknown[] = readonly unknown[]> = (
  request: Request,
  caller: Caller | undefined,
  ...rest: Rest
) => Response | Promise<Response>

/** One Fetch `Request` in the core's terms. */
export function fetchCall(
  request: Request,
  body: FetchBody,
  service: string | undefined,
): GatewayCall {
  // What is routed by is the URL as the platform reads it, and a fragment is no part of what was sent.
  const { pathname, search } = new URL(request.url)
  const line = requestLineOf(request.method, pathname + search)
  return {
    headers: headerLists([...request.headers].flatMap(singly)),
    method: async () => line.method,
    requestLine: async () => line,
    body: (maxBytes) => body.read(maxBytes),
    context: async (wanted): Promise<CallContext> =>
      wanted === 'who' ? { service } : { service, method: line.method, path: line.rawPath },
  }
}

/** The platform joins repeated headers; whoever sends two credentials is to be told so. */
function singly([name, value]: readonly [string, string]): (readonly [string, string])[] {
  if (name !== 'authorization') return [[name, value]]
  return value.split(/,[ \t]*/).map((one) => [name, one] as const)
}

/** The request as it goes on: the identity in its headers, the token gone, the body whole. */
export function passedOn(request: Request, body: FetchBody, { set, remove }: PassAnswer): Request {
  const headers = new Headers(request.headers)
  for (const name of remove) headers.delete(name)
  for (const [name, value] of Object.entries(set)) {
    headers.set(name, typeof value === 'string' ? value : value.join(', '))
  }
  const again = body.again()
  if (again === undefined) return new Request(request, { headers })
  const { method, url, signal, redirect } = request
  return new Request(url, { method, headers, signal, redirect, body: again, duplex: 'half' })
}

export function refusalResponse({ status, headers, body }: RefuseAnswer): Response {
  return Response.json(body, { status, headers })
}
