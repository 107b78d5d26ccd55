import {
  type Accounts,
  type Body,
  type CallContext,
  type GatewayCall,
  type HeaderLists,
  type RequestLine,
  valuesOf,
} from '../lib/index.ts'
import { readBody } from './read-body.ts'
import type { CheckRequest } from './wire/check-request.ts'

/** What of a request id is repeated to clients and in logs. */
const REQUEST_ID = /^[\w.:-]{1,128}$/

export interface CallTerms {
  /** How many proxies before Envoy are trusted with `X-Forwarded-For`. */
  readonly trustedHops: number
}

/** One request in the core's terms. Nothing is asked of anybody: all that Envoy tells came with it. */
export class EnvoyCall implements GatewayCall {
  readonly headers: HeaderLists
  readonly accounts: Accounts = NO_ACCOUNTS
  readonly #request: CheckRequest
  readonly #terms: CallTerms

  constructor(request: CheckRequest, terms: CallTerms) {
    this.#request = request
    this.#terms = terms
    this.headers = listsOf(request.headers)
  }

  async method(): Promise<string> {
    return this.#request.method
  }

  async requestLine(): Promise<RequestLine> {
    const { method, path } = this.#request
    const query = path.indexOf('?')
    if (query < 0) return { method, rawPath: path, rawQuery: '' }
    return { method, rawPath: path.slice(0, query), rawQuery: path.slice(query + 1) }
  }

  async body(maxBytes: number): Promise<Body> {
    const { extensions } = this.#request
    return readBody({
      request: this.#request,
      header: (name) => this.#header(name),
      buffers: extensions.get('oathmesh_body') === 'buffered',
      maxBytes,
    })
  }

  async context(wanted: 'who' | 'all'): Promise<CallContext> {
    const { id, method, path, extensions } = this.#request
    const given = this.#header('x-request-id')
    const who: CallContext = {
      requestId: given !== undefined && REQUEST_ID.test(given) ? given : id || undefined,
      clientAddress: this.#clientAddress(),
    }
    if (wanted === 'who') return who
    // Queries carry secrets often enough to stay out of logs.
    return {
      ...who,
      method,
      path: path.split('?', 1)[0],
      route: extensions.get('oathmesh_route'),
      service: extensions.get('oathmesh'),
    }
  }

  /** The peer of the connection, whatever a header says, unless proxies before Envoy are trusted with it. */
  #clientAddress(): string | undefined {
    const { trustedHops } = this.#terms
    if (trustedHops === 0) return this.#request.sourceAddress
    // Envoy has added the peer's address at the end; each trusted proxy before it one more.
    const forwarded = valuesOf(this.headers, 'x-forwarded-for').join(',').split(',')
    return forwarded.at(-1 - trustedHops)?.trim() || this.#request.sourceAddress
  }

  #header(name: string): string | undefined {
    return valuesOf(this.headers, name)[0]
  }
}

/** Envoy knows no accounts: who has no identity of ours is anonymous, and has no headers of one. */
const NO_ACCOUNTS: Accounts = {
  ofCaller: async () => undefined,
  anonymous: async () => ({ headers: {} }),
  authenticated: async () => undefined,
}

/** Without pseudo headers. A header may be named `__proto__`. */
function listsOf(headers: CheckRequest['headers']): HeaderLists {
  const lists: Record<string, string[]> = Object.create(null)
  for (const [name, value] of headers) {
    if (name.startsWith(':')) continue
    const list = lists[name]
    if (list === undefined) lists[name] = [value]
    else list.push(value)
  }
  return lists
}
