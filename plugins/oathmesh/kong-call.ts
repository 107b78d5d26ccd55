import {
  type Accounts,
  type Body,
  type CallContext,
  type GatewayCall,
  type HeaderLists,
  type RequestLine,
  valuesOf,
} from '../../lib/index.ts'
import type { Kong } from './kong.ts'
import { readBody } from './read-body.ts'

/** One Kong request in the core's terms. Each question is put to Kong at most once, and only when it counts. */
export class KongCall implements GatewayCall {
  readonly headers: HeaderLists
  readonly accounts?: Accounts
  readonly context: (wanted: 'who' | 'all') => Promise<CallContext>
  readonly #kong: Kong
  readonly #asked: Asked

  constructor(kong: Kong, asked: Asked, headers: HeaderLists, accounts?: Accounts) {
    this.#kong = kong
    this.#asked = asked
    this.headers = headers
    this.context = (wanted) => asked.context(wanted)
    if (accounts !== undefined) this.accounts = accounts
  }

  method(): Promise<string> {
    return this.#asked.method()
  }

  async requestLine(): Promise<RequestLine> {
    const [method, target] = await Promise.all([this.#asked.method(), this.#asked.target()])
    const query = target.indexOf('?')
    if (query < 0) return { method, rawPath: target, rawQuery: '' }
    return { method, rawPath: target.slice(0, query), rawQuery: target.slice(query + 1) }
  }

  body(maxBytes: number): Promise<Body> {
    return readBody(this.#kong, valuesOf(this.headers, 'content-length')[0], maxBytes)
  }
}

/** What has been asked about one request besides its headers. */
export class Asked {
  readonly #kong: Kong
  #method: Promise<string> | undefined
  #target: Promise<string> | undefined
  #who: Promise<CallContext> | undefined
  #all: Promise<CallContext> | undefined

  constructor(kong: Kong) {
    this.#kong = kong
  }

  method(): Promise<string> {
    this.#method ??= this.#kong.request.get_method()
    return this.#method
  }

  /** As received, with the query. */
  target(): Promise<string> {
    this.#target ??= this.#kong.request.get_path_with_query()
    return this.#target
  }

  context(wanted: 'who' | 'all'): Promise<CallContext> {
    if (wanted === 'all') this.#all ??= this.#askAll()
    else this.#who ??= this.#askWho()
    return (this.#all ?? this.#who) as Promise<CallContext>
  }

  async #askWho(): Promise<CallContext> {
    const { client, nginx } = this.#kong
    const [id, address] = await Promise.all([
      nginx.get_var('kong_request_id'),
      client.get_forwarded_ip(),
    ])
    return {
      // The id of `X-Kong-Request-Id` and of Kong's own logs. Before 3.5 Kong has nginx's alone.
      requestId: id ?? (await nginx.get_var('request_id')) ?? undefined,
      clientAddress: address ?? undefined,
    }
  }

  async #askAll(): Promise<CallContext> {
    const { router } = this.#kong
    const [who, method, target, route, service] = await Promise.all([
      this.#askWho(),
      this.method(),
      this.target(),
      router.get_route(),
      router.get_service(),
    ])
    return {
      ...who,
      method,
      // Queries carry secrets often enough to stay out of logs.
      path: target.split('?', 1)[0],
      route: route?.name ?? route?.id,
      service: service?.name ?? service?.id,
    }
  }
}
