import type { Exchange, HeaderMap } from './exchange.ts'

/** What nginx and Kong never pass on, or set anew. The body is framed by the one who sends it. */
const OWN = new Set([
  'connection',
  'keep-alive',
  'te',
  'upgrade',
  'expect',
  'proxy',
  'proxy-connection',
  'content-length',
  'transfer-encoding',
  'host',
  'via',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-path',
  'x-forwarded-prefix',
  'x-real-ip',
  'x-kong-request-id',
])

/** The headers Kong sends to the upstream, names and values in turn, without the body's framing. */
export function upstreamHeaders(exchange: Exchange): string[] {
  const { target, message, clientHeaders, clientAddress, match } = exchange
  const dropped = hopByHop(clientHeaders)
  const sent: string[] = []
  for (const [name, values] of exchange.headers) {
    if (OWN.has(name) || dropped.includes(name)) continue
    for (const value of values) sent.push(name, value)
  }
  const te = first(clientHeaders, 'te')
  if (te !== undefined && list(te).includes('trailers')) sent.push('te', 'trailers')
  if (match.route.stripPath && match.prefix !== '/') sent.push('x-forwarded-prefix', match.prefix)
  const host = first(clientHeaders, 'host')
  const via = `${message.httpVersion} kong/3.9.3`
  // biome-ignore format: reads as a table
  sent.push(
    'host', hostFor(exchange),
    'via', appended(first(clientHeaders, 'via'), via),
    'x-forwarded-for', appended(first(clientHeaders, 'x-forwarded-for'), clientAddress),
    'x-forwarded-proto', 'http',
    'x-forwarded-host', host?.replace(/:\d+$/, '').toLowerCase() ?? '',
    'x-forwarded-port', String(message.socket.localPort ?? ''),
    'x-forwarded-path', target.rawPath,
    'x-real-ip', clientAddress,
    'x-kong-request-id', exchange.requestId,
  )
  return sent
}

/**
 * What Kong drops after the plugins have run, even what a plugin has set since, by what the client itself
 * sent. It looks at the first `Connection` only.
 */
export function hopByHop(clientHeaders: HeaderMap): readonly string[] {
  return list(first(clientHeaders, 'connection'))
}

/** A plugin's own `Host`, the client's where the route preserves it, or the service's. */
function hostFor({ route, service, headers, clientHeaders }: Exchange): string {
  const current = first(headers, 'host') ?? ''
  const isOwn = current !== first(clientHeaders, 'host')
  if (current !== '' && (isOwn || route.preserveHost)) return current
  return service.port === 80 ? service.host : `${service.host}:${service.port}`
}

function first(headers: HeaderMap, name: string): string | undefined {
  return headers.get(name)?.[0]
}

function appended(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`
}

/** Kong takes white space away only where a name begins or ends with a space: a tab before it stays. */
function list(header = ''): readonly string[] {
  const names = header.toLowerCase()
  if (names === 'keep-alive' || names === 'close' || names === 'upgrade') return []
  return names
    .split(',')
    .map((name) => name.replace(/^ \s*|\s* $/g, ''))
    .filter((name) => name !== '')
}
