import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Exchange, HeaderMap } from './exchange.ts'
import { errorAnswer } from './exit-answer.ts'
import { sendAnswer } from './send-answer.ts'

const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'proxy-connection',
]

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** Sends the request on and streams the answer back. Resolves when the client has been answered. */
export function proxy(exchange: Exchange, target: string, response: ServerResponse): Promise<void> {
  const { service, message } = exchange
  return new Promise((resolve) => {
    const upstream = request({
      agent,
      host: service.host,
      port: service.port,
      method: message.method ?? 'GET',
      path: target,
      headers: upstreamHeaders(exchange),
      setHost: false,
    })
    response.once('close', () => {
      if (!response.writableFinished) upstream.destroy()
      resolve()
    })
    upstream.once('response', (answer) => relay(exchange, answer, response))
    upstream.once('error', () => {
      if (response.headersSent) response.destroy()
      else
        sendAnswer(
          exchange,
          errorAnswer(
            502,
            'An invalid response was received from the upstream server',
            exchange.requestId,
          ),
          response,
        )
    })
    if (exchange.bodyRead)
      exchange.body().then(
        (body) => upstream.end(body),
        () => upstream.destroy(),
      )
    else message.pipe(upstream)
  })
}

function relay(exchange: Exchange, answer: IncomingMessage, response: ServerResponse): void {
  exchange.status = answer.statusCode
  response.writeHead(answer.statusCode ?? 502, [
    ...answer.rawHeaders,
    'Via',
    '1.1 kong/3.9.3',
    'X-Kong-Request-Id',
    exchange.requestId,
  ])
  answer.pipe(response)
}

/** Kong strips what the client's own `Connection` names, even when a plugin has set it since. */
function upstreamHeaders({
  headers,
  clientConnection,
  service,
  message,
  clientAddress,
}: Exchange): Record<string, string[] | string> {
  const named = clientConnection
    .flatMap((value) => value.split(','))
    .map((name) => name.trim().toLowerCase())
  const sent: HeaderMap = new Map(headers)
  for (const name of [...HOP_BY_HOP, ...named]) if (name !== 'transfer-encoding') sent.delete(name)
  sent.set('host', [`${service.host}:${service.port}`])
  sent.set('x-forwarded-for', [
    [...(headers.get('x-forwarded-for') ?? []), clientAddress].join(', '),
  ])
  sent.set('x-forwarded-proto', ['http'])
  sent.set('x-forwarded-path', [message.url?.split('?', 1)[0] ?? '/'])
  return Object.fromEntries(
    [...sent].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  )
}
