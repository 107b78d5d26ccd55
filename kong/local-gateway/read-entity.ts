import type { Consumer, Entity, PluginEntity, Route, Service } from './entities.ts'
import { WORKSPACE } from './entities.ts'
import { idOf, type Table, tableOf, textsOf } from './entry.ts'

/** What Kong fills in where a declarative file is silent. */
const SERVICE_DEFAULTS = {
  connect_timeout: 60_000,
  read_timeout: 60_000,
  write_timeout: 60_000,
  enabled: true,
  retries: 5,
  protocol: 'http',
}
const ROUTE_DEFAULTS = {
  https_redirect_status_code: 426,
  path_handling: 'v0',
  preserve_host: false,
  protocols: ['http', 'https'],
  regex_priority: 0,
  request_buffering: true,
  response_buffering: true,
  strip_path: true,
}

/** A service by its `url`, or by `protocol`, `host`, `port` and `path`. HTTP only. */
export function readService(entry: Table): Service {
  const { plugins: _, routes: __, url, ...own } = entry
  const entity = stored('service', { ...SERVICE_DEFAULTS, ...own, ...locationOf(url, own) })
  const { host, port, path = '/' } = entity
  if (entity['protocol'] !== 'http' || typeof host !== 'string' || typeof port !== 'number') {
    throw new TypeError(`service ${entity.name}: needs protocol http, a host and a port`)
  }
  return { entity, host, port, path: String(path), readTimeoutMs: Number(entity['read_timeout']) }
}

function locationOf(url: unknown, { port = 80 }: Table): Table {
  if (url === undefined) return { port }
  const { protocol, hostname, port: given, pathname } = new URL(String(url))
  return {
    protocol: protocol.slice(0, -1),
    host: hostname,
    port: Number(given || 80),
    ...(pathname !== '/' && { path: pathname }),
  }
}

/** A route by any of `paths`, `hosts` and `methods`; no regular expressions, no wild cards. */
export function readRoute(entry: Table, service: Service): Route {
  const { plugins: _, ...own } = entry
  const { id } = service.entity
  const entity = stored('route', { ...ROUTE_DEFAULTS, ...own, service: { id } })
  const paths = textsOf(entity, 'paths')
  const hosts = textsOf(entity, 'hosts')
  const what = `route ${entity.name ?? entity.id}`
  if (!paths.every((path) => path.startsWith('/')) || hosts.some((host) => host.includes('*'))) {
    throw new TypeError(`${what}: only path prefixes and whole host names are supported here`)
  }
  if (!textsOf(entity, 'protocols').includes('http')) {
    throw new TypeError(`${what}: only protocol http is supported here`)
  }
  return {
    entity,
    service,
    paths,
    hosts,
    methods: textsOf(entity, 'methods'),
    stripPath: entity['strip_path'] !== false,
    preserveHost: entity['preserve_host'] === true,
  }
}

/** A plugin entity of a route, of a service, or of neither. */
export function readPlugin(
  entry: Table,
  routeId: string | undefined,
  serviceId: string | undefined,
): PluginEntity {
  const name = String(entry['name'])
  if (isSet(entry['consumer_group'])) {
    throw new TypeError(`plugin ${name}: plugins of a consumer group are not supported here`)
  }
  return {
    id: idOf(`plugin:${routeId}:${serviceId}`, entry),
    name,
    config: tableOf(entry['config'] ?? {}, `configuration of plugin ${name}`),
    routeId,
    serviceId,
    scope: { consumer: entry['consumer'], protocols: entry['protocols'] },
  }
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null
}

/** A consumer as `kong.client.load_consumer` hands it out. */
export function readConsumer(entry: Table): Consumer {
  return { ...entry, id: idOf('consumer', entry), ...dates() }
}

function stored(kind: string, entry: Table): Entity {
  const { name } = entry
  return {
    ...entry,
    ...(name !== undefined && { name: String(name) }),
    id: idOf(kind, entry),
    ws_id: WORKSPACE,
    ...dates(),
  } as Entity
}

function dates(): { created_at: number; updated_at: number } {
  const now = Math.floor(Date.now() / 1000)
  return { created_at: now, updated_at: now }
}
