import { hostname } from 'node:os'
import type { Consumer } from './declarative-config.ts'
import type { Exchange } from './exchange.ts'
import { exitAnswer } from './exit-answer.ts'
import type { GatewayLog } from './gateway-log.ts'
import { normalizePath } from './normalize-path.ts'
import { serialize } from './serialize.ts'

export interface PdkEnvironment {
  readonly log: GatewayLog
  readonly consumers: readonly Consumer[]
  readonly nodeId: string
  /** Kong's `client_body_buffer_size`: a larger body is spooled to disk. */
  readonly bodyBufferBytes: number
}

type PdkMethod = (exchange: Exchange, args: readonly unknown[], env: PdkEnvironment) => unknown

/** A PDK call fails the whole request inside Kong, outside the plugin's reach. */
export class PdkCrash extends Error {}

const MAX_HEADERS = 100

// biome-ignore format: reads as a table
export const PDK_METHODS: Readonly<Record<string, PdkMethod>> = {
  'kong.request.get_headers': ({ headers }, [max]) => firstHeaders(headers, Number(max ?? MAX_HEADERS)),
  'kong.request.get_header': ({ headers }, [name]) => headers.get(String(name).toLowerCase())?.[0],
  'kong.request.get_method': ({ message }) => message.method,
  'kong.request.get_path': ({ rawPath }) => normalizePath(rawPath),
  'kong.request.get_raw_path': ({ rawPath }) => rawPath,
  'kong.request.get_path_with_query': ({ target }) => target,
  'kong.request.get_raw_query': ({ rawQuery }) => rawQuery,
  'kong.request.get_query': ({ rawQuery }) => queryLists(rawQuery),
  'kong.request.get_scheme': () => 'http',
  'kong.request.get_host': ({ headers }) => headers.get('host')?.[0]?.replace(/:\d+$/, ''),
  'kong.request.get_raw_body': rawBody,
  'kong.request.get_start_time': ({ startedAt }) => startedAt,
  'kong.request.get_id': ({ requestId }) => requestId,
  'kong.request.get_uri_captures': () => ({ named: [], unnamed: [] }),
  'kong.service.request.set_headers': setHeaders,
  'kong.service.request.set_header': ({ headers }, [name, value]) => void headers.set(String(name).toLowerCase(), [visible(value)]),
  'kong.service.request.add_header': ({ headers }, [name, value]) => void headers.set(String(name).toLowerCase(), [...(headers.get(String(name).toLowerCase()) ?? []), visible(value)]),
  'kong.service.request.clear_header': ({ headers }, [name]) => void headers.delete(String(name).toLowerCase()),
  'kong.client.get_ip': ({ clientAddress }) => clientAddress,
  'kong.client.get_forwarded_ip': ({ clientAddress }) => clientAddress,
  'kong.client.get_consumer': ({ consumer }) => consumer,
  'kong.client.get_credential': ({ credential }) => credential,
  'kong.client.load_consumer': (_, [id, byUsername], { consumers }) => consumers.find((consumer) => consumer.id === id || (byUsername === true && consumer.username === id)),
  'kong.client.authenticate': (exchange, [consumer, credential]) => { exchange.consumer = (consumer as Consumer | null) ?? undefined; exchange.credential = credential ?? undefined },
  'kong.router.get_route': ({ route }) => route.entity,
  'kong.router.get_service': ({ service }) => service.entity,
  'kong.nginx.get_var': nginxVariable,
  'kong.node.get_id': (_, __, { nodeId }) => nodeId,
  'kong.node.get_hostname': () => hostname(),
  'kong.ctx.shared.set': ({ shared }, [name, value]) => void shared.set(String(name), value),
  'kong.ctx.shared.get': ({ shared }, [name]) => shared.get(String(name)),
  'kong.response.get_status': ({ status }) => status,
  'kong.response.exit': (exchange, args) => { exchange.exit = exitAnswer(args, exchange.requestId) },
  'kong.log.serialize': serialize,
  'kong.log.set_serialize_value': ({ serializeValues }, [key, value]) => void serializeValues.set(String(key), value),
  'kong.log.err': logAt('error'),
  'kong.log.warn': logAt('warn'),
  'kong.log.notice': logAt('notice'),
  'kong.log.info': logAt('info'),
  'kong.log.debug': logAt('debug'),
}

function logAt(level: 'error' | 'warn' | 'notice' | 'info' | 'debug'): PdkMethod {
  return (_, args, { log }) => log(level, `[kong] [oathmesh] ${args.map(String).join('')}`)
}

function firstHeaders(headers: Exchange['headers'], max: number): Record<string, string[]> {
  const shown: Record<string, string[]> = {}
  let left = max
  for (const [name, values] of headers) {
    if (left <= 0) break
    shown[name] = values.slice(0, left)
    left -= values.length
  }
  return shown
}

function setHeaders({ headers }: Exchange, [changes]: readonly unknown[]): void {
  for (const [name, value] of Object.entries((changes ?? {}) as object)) {
    const key = name.toLowerCase()
    const values = (Array.isArray(value) ? value : [value]) as unknown[]
    if (values.length === 0) headers.delete(key)
    else headers.set(key, values.map(visible))
  }
}

/** Kong sends an empty value as one space. */
function visible(value: unknown): string {
  return value === '' ? ' ' : String(value)
}

/** Lua keeps strings as bytes; Kong answers this one call with MessagePack binary. */
async function rawBody(
  exchange: Exchange,
  [max]: readonly unknown[],
  env: PdkEnvironment,
): Promise<Buffer> {
  const body = await exchange.body()
  if (body.length <= env.bodyBufferBytes) return body
  const limit = max === undefined || max === null ? -1 : Number(max)
  if (limit === 0 || body.length <= limit) return body
  // The call yields nil, which cannot be written as binary: the request ends there.
  throw new PdkCrash('get_raw_body: body was spooled to disk')
}

function queryLists(query: string): Record<string, string[]> {
  const lists: Record<string, string[]> = {}
  for (const part of query.split('&').filter((text) => text !== '')) {
    const [name = '', value] = part.split('=', 2)
    const values = lists[decodeURIComponent(name)] ?? []
    if (value !== undefined) values.push(decodeURIComponent(value))
    lists[decodeURIComponent(name)] = values
  }
  return lists
}

function nginxVariable(exchange: Exchange, [name]: readonly unknown[]): string | undefined {
  switch (name) {
    case 'request_id':
    case 'kong_request_id':
      return exchange.requestId
    case 'remote_addr':
      return exchange.clientAddress
    case 'request_uri':
      return exchange.target
    case 'request_method':
      return exchange.message.method
    default:
      return undefined
  }
}
