import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Exchange } from './exchange.ts'

/** What belongs to the connection with the upstream, or is Kong's own. */
const NEVER = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'via',
  'x-kong-request-id',
])

/** Streams the upstream's answer to the client. One that breaks off breaks off there, too. */
export function relay(exchange: Exchange, answer: IncomingMessage, response: ServerResponse): void {
  const { statusCode: status = 502, rawHeaders } = answer
  const hidden = (answer.headers.connection ?? '').toLowerCase().split(/[\s,]+/)
  const headers: string[] = []
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? '').toLowerCase()
    if (NEVER.has(name) || hidden.includes(name)) continue
    headers.push(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
  }
  const { via, server } = answer.headers
  headers.push('Via', via === undefined ? '1.1 kong/3.9.3' : `${via}, 1.1 kong/3.9.3`)
  if (server === undefined) headers.push('Server', 'kong/3.9.3')
  headers.push('X-Kong-Request-Id', exchange.requestId)
  exchange.sent = { status, headers, source: 'upstream' }
  response.writeHead(status, answer.statusMessage, headers)
  answer.once('close', () => {
    if (!answer.complete) response.destroy()
  })
  answer.pipe(response)
}
