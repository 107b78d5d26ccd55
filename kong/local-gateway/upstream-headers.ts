import type { Exchange, HeaderMap } from './exchange.ts'

/** What nginx and Kong never pass on, or set anew. The body is framed by the one who sends it. */
const NEVER = [
  'connection',
  'keep-alive',
  'te',
  'upgrade',
  'expect',
  'proxy',
  'proxy-connection',
  'content-length',
  'transfer-encoding',
]

/** The headers Kong sends to the upstream, names and values in turn, without the body's framing. */
export function upstreamHeaders(exchange: Exchange): string[] {
  const { route, target, message, clientHeaders, headers, clientAddress } = exchange
  const client = (name: string) => clientHeaders.get(name)?.[0]
  const sent: HeaderMap = new Map(headers)
  for (const name of NEVER) sent.delete(name)
  // Stripped after the plugins have run, even what a plugin has set since, by what the client itself
  // sent. Kong looks at the first such header only.
  for (const name of list(client('connection'))) sent.delete(name)
  if (list(client('te')).includes('trailers')) sent.set('te', ['trailers'])

  sent.set('host', [hostFor(exchange)])
  sent.set('x-forwarded-for', [appended(client('x-forwarded-for'), clientAddress)])
  sent.set('x-forwarded-proto', ['http'])
  sent.set('x-forwarded-host', [hostName(client('host'))])
  sent.set('x-forwarded-port', [String(message.socket.localPort ?? '')])
  sent.set('x-forwarded-path', [target.rawPath])
  sent.delete('x-forwarded-prefix')
  const { prefix } = exchange.match
  if (route.stripPath && prefix !== '/') sent.set('x-forwarded-prefix', [prefix])
  sent.set('x-real-ip', [clientAddress])
  sent.set('x-kong-request-id', [exchange.requestId])
  sent.set('via', [appended(client('via'), `${message.httpVersion} kong/3.9.3`)])
  return [...sent].flatMap(([name, values]) => values.flatMap((value) => [name, value]))
}

/** A plugin's own `Host`, the client's where the route preserves it, or the service's. */
function hostFor({ route, service, headers, clientHeaders }: Exchange): string {
  const [current = ''] = headers.get('host') ?? []
  const [original = ''] = clientHeaders.get('host') ?? []
  if (current !== '' && (current !== original || route.preserveHost)) return current
  return service.port === 80 ? service.host : `${service.host}:${service.port}`
}

function hostName(host = ''): string {
  return host.replace(/:\d+$/, '').toLowerCase()
}

function appended(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`
}

function list(header = ''): readonly string[] {
  return header
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
}
