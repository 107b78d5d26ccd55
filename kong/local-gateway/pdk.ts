import { hostname } from 'node:os'
import type { BodyFolder } from './body-folder.ts'
import type { Consumer } from './entities.ts'
import type { Exchange } from './exchange.ts'
import { exitAnswer } from './exit-answer.ts'
import type { GatewayLog, LogLevel } from './gateway-log.ts'
import { fromBytes } from './header-text.ts'
import { nginxVariable } from './nginx-variable.ts'
import { authenticate, loadConsumer } from './pdk-client.ts'
import {
  addHeader,
  clearHeader,
  getHeader,
  getHeaders,
  setHeader,
  setHeaders,
} from './pdk-headers.ts'
import { queryLists } from './query-lists.ts'
import { rawBody } from './raw-body.ts'
import { serialize } from './serialize.ts'

export interface PdkEnvironment {
  readonly log: GatewayLog
  readonly consumers: readonly Consumer[]
  readonly nodeId: string
  /** Kong's `client_body_buffer_size`: a larger body is spooled to disk. */
  readonly bodyBufferBytes: number
  readonly bodyFolder: BodyFolder
}

type Run = (exchange: Exchange, args: readonly unknown[], env: PdkEnvironment) => unknown

interface PdkMethod {
  readonly run: Run
  /** Whether it works in the log phase, which has no request. */
  readonly inLog: boolean
}

const MAX_QUERY_ARGS = 100
const anyPhase = (run: Run): PdkMethod => ({ run, inLog: true })
const accessOnly = (run: Run): PdkMethod => ({ run, inLog: false })

/** The part of Kong's PDK that this plugin may use; an absent result is Lua's nil. */
// biome-ignore format: reads as a table
export const PDK_METHODS: Readonly<Record<string, PdkMethod>> = {
  'kong.request.get_headers': anyPhase(({ headers }, [max]) => getHeaders(headers, max)),
  'kong.request.get_header': anyPhase(({ headers }, [name]) => getHeader(headers, name)),
  'kong.request.get_method': accessOnly(({ message }) => message.method),
  'kong.request.get_path': accessOnly(({ target }) => fromBytes(target.path)),
  'kong.request.get_raw_path': accessOnly(({ target }) => fromBytes(target.rawPath)),
  'kong.request.get_path_with_query': accessOnly(({ target }) => fromBytes(target.raw)),
  'kong.request.get_raw_query': accessOnly(({ target }) => fromBytes(target.rawQuery ?? '')),
  'kong.request.get_query': accessOnly(({ target }, [max]) => queryLists(target.rawQuery ?? '', Number(max ?? MAX_QUERY_ARGS))),
  'kong.request.get_scheme': accessOnly(() => 'http'),
  'kong.request.get_host': accessOnly(({ clientHeaders }) => clientHeaders.get('host')?.[0]?.replace(/:\d+$/, '').toLowerCase()),
  'kong.request.get_raw_body': accessOnly((exchange, [max], { bodyBufferBytes }) => rawBody(exchange, max, bodyBufferBytes)),
  'kong.request.get_start_time': anyPhase(({ startedAt }) => startedAt),
  'kong.request.get_uri_captures': anyPhase(() => ({ named: [], unnamed: [] })),
  'kong.service.request.set_headers': accessOnly((exchange, [headers]) => setHeaders(exchange, headers)),
  'kong.service.request.set_header': accessOnly((exchange, [name, value]) => setHeader(exchange, name, value)),
  'kong.service.request.add_header': accessOnly((exchange, [name, value]) => addHeader(exchange, name, value)),
  'kong.service.request.clear_header': accessOnly((exchange, [name]) => clearHeader(exchange, name)),
  'kong.client.get_port': accessOnly(({ message }) => message.socket.remotePort),
  'kong.client.get_ip': accessOnly(({ clientAddress }) => clientAddress),
  'kong.client.get_forwarded_ip': accessOnly(({ clientAddress }) => clientAddress),
  'kong.client.get_consumer': anyPhase(({ consumer }) => consumer),
  'kong.client.get_credential': anyPhase(({ credential }) => credential),
  'kong.client.load_consumer': anyPhase((_, [key, byUsername], { consumers }) => loadConsumer(consumers, key, byUsername)),
  'kong.client.authenticate': accessOnly((exchange, [consumer, credential]) => authenticate(exchange, consumer, credential)),
  'kong.router.get_route': anyPhase(({ route }) => route.entity),
  'kong.router.get_service': anyPhase(({ service }) => service.entity),
  'kong.nginx.get_var': accessOnly((exchange, [name]) => nginxVariable(exchange, String(name))),
  'kong.node.get_id': anyPhase((_, __, { nodeId }) => nodeId),
  'kong.node.get_hostname': anyPhase(() => hostname()),
  'kong.ctx.shared.set': anyPhase(({ shared }, [key, value]) => void shared.set(String(key), value)),
  'kong.ctx.shared.get': anyPhase(({ shared }, [key]) => shared.get(String(key))),
  'kong.response.get_status': anyPhase(({ sent }) => sent?.status),
  'kong.response.exit': accessOnly((exchange, args) => { exchange.exit = exitAnswer(args, exchange.requestId) }),
  'kong.log.serialize': anyPhase(serialize),
  'kong.log.set_serialize_value': anyPhase(({ serializeValues }, [key, value]) => void serializeValues.set(String(key), value)),
  'kong.log.alert': logAt('error'),
  'kong.log.crit': logAt('error'),
  'kong.log.err': logAt('error'),
  'kong.log.warn': logAt('warn'),
  'kong.log.notice': logAt('notice'),
  'kong.log.info': logAt('info'),
  'kong.log.debug': logAt('debug'),
}

function logAt(level: LogLevel): PdkMethod {
  return anyPhase((_, args, { log }) => {
    const texts = args.map((arg) => (arg === null || arg === undefined ? 'nil' : String(arg)))
    log(level, `[kong] [oathmesh] ${texts.join('')}`)
  })
}
