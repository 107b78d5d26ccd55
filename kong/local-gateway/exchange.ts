import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Consumer, Route, Service } from './declarative-config.ts'

export interface ExitAnswer {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, string | readonly string[]>>
}

export type HeaderMap = Map<string, string[]>

/** One request on its way through the gateway. */
export class Exchange {
  readonly requestId = randomBytes(16).toString('hex')
  readonly startedAt = Date.now()
  /** Headers as they will go to the upstream; names in lower case. */
  readonly headers: HeaderMap
  /** The client's own `Connection`, which decides what is stripped after the plugins have run. */
  readonly clientConnection: readonly string[]
  readonly shared = new Map<string, unknown>()
  readonly serializeValues = new Map<string, unknown>()
  readonly message: IncomingMessage
  readonly route: Route
  readonly service: Service
  consumer: Consumer | undefined
  credential: unknown
  exit: ExitAnswer | undefined
  /** Status sent to the client, once there is one. */
  status: number | undefined
  #body: Promise<Buffer> | undefined

  constructor(message: IncomingMessage, route: Route) {
    this.message = message
    this.route = route
    this.service = route.service
    this.headers = headerMap(message.rawHeaders)
    this.clientConnection = [...(this.headers.get('connection') ?? [])]
  }

  get target(): string {
    return this.message.url ?? '/'
  }

  get rawPath(): string {
    return this.target.split('?', 1)[0] ?? '/'
  }

  get rawQuery(): string {
    const mark = this.target.indexOf('?')
    return mark < 0 ? '' : this.target.slice(mark + 1)
  }

  get clientAddress(): string {
    return this.message.socket.remoteAddress ?? ''
  }

  /** Whether something has read the body; then it cannot be streamed any more. */
  get bodyRead(): boolean {
    return this.#body !== undefined
  }

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
