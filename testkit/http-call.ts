import { Agent, request } from 'node:http'

const pooled = new Agent({ keepAlive: true, maxSockets: 64 })

export interface HttpCall {
  readonly method?: string
  /** Sent as it is: neither normalised nor encoded. */
  readonly path?: string
  /** Name and value in turn, so that names may repeat. */
  readonly headers?: readonly string[]
  readonly body?: Uint8Array
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** One HTTP request with exactly the given request-target and headers. */
export function httpCall(
  origin: string,
  { method = 'GET', path = '/', headers = [], body }: HttpCall,
): Promise<HttpAnswer> {
  const { hostname, port } = new URL(origin)
  const length =
    body === undefined || body.length === 0 ? [] : ['Content-Length', String(body.length)]
  const host = headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')
    ? []
    : ['Host', hostname]
  // A call that speaks of its connection itself gets one of its own.
  const agent = namesConnection(headers) ? false : pooled
  return new Promise((resolve, reject) => {
    const sent = request({
      agent,
      hostname,
      port,
      method,
      path,
      headers: [...host, ...headers, ...length],
    })
    sent.once('error', reject)
    sent.once('response', (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.once('error', reject)
      answer.once('end', () => {
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          text: Buffer.concat(chunks).toString(),
        })
      })
    })
    sent.end(body)
  })
}

function namesConnection(headers: readonly string[]): boolean {
  return headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'connection')
}

/** Ends the connections that calls have left open. */
export function closeHttpCalls(): void {
  pooled.destroy()
}
