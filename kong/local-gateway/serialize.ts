import type { Exchange } from './exchange.ts'

/** What `kong.log.serialize` gives a log plugin, as far as it concerns this plugin: JSON text. */
export function serialize(exchange: Exchange): string {
  const { message, route, service, requestId } = exchange
  const headers = Object.fromEntries(
    [...exchange.headers].map(([name, values]) => [name, values.length > 1 ? values : values[0]]),
  )
  // Kong never logs credentials.
  if ('authorization' in headers) headers['authorization'] = 'REDACTED'
  return JSON.stringify({
    request: { id: requestId, method: message.method, uri: exchange.target, headers },
    response: { status: exchange.status },
    route: route.entity,
    service: service.entity,
    client_ip: exchange.clientAddress,
    started_at: exchange.startedAt,
    ...Object.fromEntries(exchange.serializeValues),
  })
}
