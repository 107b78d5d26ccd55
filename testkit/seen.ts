import type { IncomingHttpHeaders, RequestListener } from 'node:http'

/** A request as the upstream saw it. */
export interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  /** Names and values in turn. */
  readonly rawHeaders: readonly string[]
  /** One character a byte. */
  readonly body: string
}

/** An upstream that notes what it gets and answers with it. */
export function echoInto(seen: Seen[]): RequestListener {
  return (message, response) => {
    const chunks: Buffer[] = []
    message.on('data', (chunk: Buffer) => chunks.push(chunk))
    message.on('end', () => {
      const { method = '', url = '', headers, rawHeaders } = message
      const body = Buffer.concat(chunks).toString('latin1')
      const request = { method, url, headers, rawHeaders, body }
      seen.push(request)
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(request))
    })
  }
}

/** Every value of a header that the upstream saw, by its name in lower case. */
export function valuesOf({ rawHeaders }: Seen, name: string): string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name)
}
