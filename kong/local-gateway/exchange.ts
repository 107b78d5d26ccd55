import type { IncomingMessage } from 'node:http'
import type { Consumer, Route, Service } from './entities.ts'
import { requestId } from './request-id.ts'
import type { RequestTarget } from './request-target.ts'
import type { RouteMatch } from './router.ts'
import { upstreamUri } from './upstream-uri.ts'

export interface ExitAnswer {
  readonly status: number
  readonly body: string
  /** Names in lower case; values as they go on the wire. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
}

/** What the client has been answered. */
export interface SentAnswer {
  readonly status: number
  /** Names and values in turn. */
  readonly headers: readonly string[]
  readonly source: 'kong' | 'upstream'
}

/** Names in lower case; values as they are on the wire, one character a byte. */
export type HeaderMap = Map<string, string[]>

/** One request on its way through the gateway. */
export class Exchange {
  /** `$kong_request_id`, the `X-Kong-Request-Id` of request and response. */
  readonly requestId = requestId()
  readonly startedAt = Date.now()
  readonly message: IncomingMessage
  readonly target: RequestTarget
  readonly match: RouteMatch
  /** Headers as the client sent them. Kong looks some up there after the plugins have run. */
  readonly clientHeaders: HeaderMap
  /** Headers as they will go to the upstream. */
  readonly headers: HeaderMap
  readonly shared = new Map<string, unknown>()
  readonly serializeValues = new Map<string, unknown>()
  consumer: Consumer | undefined
  credential: unknown
  /** Set by a plugin that answers the request itself. */
  exit: ExitAnswer | undefined
  sent: SentAnswer | undefined
  /** The file that the body has been spooled to. It goes with the request. */
  bodyFile: string | undefined
  #nginxRequestId: string | undefined
  #body: Promise<Buffer> | undefined

  constructor(message: IncomingMessage, target: RequestTarget, match: RouteMatch) {
    this.message = message
    this.target = target
    this.match = match
    this.clientHeaders = headerMap(message.rawHeaders)
    this.headers = new Map(this.clientHeaders)
  }

  get route(): Route {
    return this.match.route
  }

  get service(): Service {
    return this.match.route.service
  }

  /** What the upstream is asked for. */
  get upstreamUri(): string {
    return upstreamUri(this.match, this.target)
  }

  /** `$request_id`: nginx's own, which is not Kong's. */
  get nginxRequestId(): string {
    this.#nginxRequestId ??= requestId()
    return this.#nginxRequestId
  }

  get clientAddress(): string {
    return this.message.socket.remoteAddress ?? ''
  }

  /** Whether something has read the body; then it cannot be streamed any more. */
  get bodyRead(): boolean {
    return this.#body !== undefined
  }

  /** The whole body. Rejects when the client goes away before its end. */
  body(): Promise<Buffer> {
    this.#body ??= readAll(this.message)
    return this.#body
  }
}

function headerMap(rawHeaders: readonly string[]): HeaderMap {
  const map: HeaderMap = new Map()
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase()
    const value = rawHeaders[at + 1] ?? ''
    const values = map.get(name)
    if (values === undefined) map.set(name, [value])
    else values.push(value)
  }
  return map
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
