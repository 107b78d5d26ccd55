import type { IncomingHttpHeaders, RequestListener } from 'node:http'

/** The service behind the gateway: it knows nothing of tokens, notes headers and answers with them. */
export function upstreamInto(seen: IncomingHttpHeaders[]): RequestListener {
  return ({ headers }, response) => {
    seen.push(headers)
    response.setHeader('content-type', 'application/json')
    const answer = { youAre: headers['x-oathmesh-subject'], headers }
    response.end(`${JSON.stringify(answer, null, 2)}\n`)
  }
}
