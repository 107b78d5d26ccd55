import type { IncomingMessage } from 'node:http'
import type {
  Body,
  CallContext,
  GatewayCall,
  HeaderLists,
  RequestLine,
} from '../../../lib/index.ts'
import { headerLists } from './header-lists.ts'
import { readReplayably } from './replayable-body.ts'
import { requestLineOf } from './request-target.ts'
import { pairsOf } from './rewrite-headers.ts'

/** One request of `node:http` in the core's terms. */
export class NodeCall implements GatewayCall {
  readonly headers: HeaderLists
  readonly #request: IncomingMessage
  readonly #service: string | undefined

  constructor(request: IncomingMessage, service: string | undefined) {
    this.headers = headerLists(pairsOf(request.rawHeaders))
    this.#request = request
    this.#service = service
  }

  async method(): Promise<string> {
    return this.#line().method
  }

  async requestLine(): Promise<RequestLine> {
    return this.#line()
  }

  body(maxBytes: number): Promise<Body> {
    return readReplayably(this.#request, maxBytes)
  }

  async context(wanted: 'who' | 'all'): Promise<CallContext> {
    const who = { clientAddress: this.#request.socket.remoteAddress, service: this.#service }
    if (wanted === 'who') return who
    const { method, rawPath: path } = this.#line()
    return { ...who, method, path }
  }

  #line(): RequestLine {
    // Routers change `url` to what is below their own path, and keep what was sent under this name.
    const { method = '', url = '', originalUrl = url } = this.#request as WithOriginal
    return requestLineOf(method, originalUrl)
  }
}

type WithOriginal = IncomingMessage & { readonly originalUrl?: string }
