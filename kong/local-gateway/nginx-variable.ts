import type { Exchange } from './exchange.ts'
import { fromBytes } from './header-text.ts'

/** The nginx variables a plugin may ask for; any other has no value here. */
// biome-ignore format: reads as a table
const VARIABLES: Readonly<Record<string, (exchange: Exchange) => string | undefined>> = {
  request_id: ({ nginxRequestId }) => nginxRequestId,
  kong_request_id: ({ requestId }) => requestId,
  remote_addr: ({ clientAddress }) => clientAddress,
  remote_port: ({ message }) => String(message.socket.remotePort ?? ''),
  realip_remote_addr: ({ clientAddress }) => clientAddress,
  server_port: ({ message }) => String(message.socket.localPort ?? ''),
  scheme: () => 'http',
  request_method: ({ message }) => message.method,
  request_uri: ({ target }) => fromBytes(target.raw),
  uri: ({ target }) => fromBytes(target.path),
  args: ({ target }) => target.rawQuery,
  query_string: ({ target }) => target.rawQuery,
}

/** The value of `ngx.var[name]`; `http_…` are the request's headers. */
export function nginxVariable(exchange: Exchange, name: string): string | undefined {
  if (Object.hasOwn(VARIABLES, name)) return VARIABLES[name]?.(exchange)
  if (!name.startsWith('http_')) return undefined
  const values = exchange.headers.get(name.slice('http_'.length).replaceAll('_', '-'))
  return values === undefined ? undefined : fromBytes(values.join(', '))
}
