import { createHash } from 'node:crypto'
import { parse } from 'yaml'

export interface Service {
  readonly entity: Entity
  readonly host: string
  readonly port: number
  /** Prefixed to every upstream path; `/` when there is none. */
  readonly path: string
  readonly plugins: readonly PluginEntity[]
}

export interface Route {
  readonly entity: Entity
  readonly service: Service
  readonly paths: readonly string[]
  readonly methods: readonly string[] | undefined
  readonly hosts: readonly string[] | undefined
  readonly stripPath: boolean
  readonly plugins: readonly PluginEntity[]
}

export interface PluginEntity {
  readonly id: string
  readonly name: string
  readonly config: Readonly<Record<string, unknown>>
  readonly routeId: string | undefined
  readonly serviceId: string | undefined
}

export interface Consumer {
  readonly id: string
  readonly username?: string
  readonly custom_id?: string
}

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
const WORKSPACE = '0dc6f45b-8f8d-40d2-a504-473544ee190b'

type Entity = { readonly id: string; readonly name?: string }
type Table = Readonly<Record<string, unknown>>

export interface DeclarativeConfig {
  readonly routes: readonly Route[]
  readonly plugins: readonly PluginEntity[]
  readonly consumers: readonly Consumer[]
}

/**
 * Reads a Kong declarative configuration: services, routes by host, path and method, plugins, consumers.
 * Throws `TypeError` for what is no such file. Other entities are none of the stand-in's business.
 */
export function readDeclarativeConfig(text: string): DeclarativeConfig {
  const root = parse(text) as Table | null
  if (root === null || typeof root !== 'object' || root['_format_version'] === undefined) {
    throw new TypeError('not a Kong declarative configuration: no _format_version')
  }
  const services = list(root, 'services').map((entry) => readService(entry))
  const nested = services.flatMap(({ service, entry }) =>
    list(entry, 'routes').map((route) => readRoute(route, service)),
  )
  const named = list(root, 'routes').map((entry) => {
    const name = String(refOf(entry['service']))
    const found = services.find(
      ({ service: { entity } }) => entity.name === name || entity.id === name,
    )
    if (found === undefined)
      throw new TypeError(`route ${String(entry['name'])}: no service ${name}`)
    return readRoute(entry, found.service)
  })
  const routes = [...nested, ...named]
  return {
    routes,
    plugins: list(root, 'plugins').map((entry) => readTopPlugin(entry, routes)),
    consumers: list(root, 'consumers').map(
      (entry) => dated(withId('consumer', entry)) as unknown as Consumer,
    ),
  }
}

function readService(entry: Table): { service: Service; entry: Table } {
  const url = entry['url'] === undefined ? undefined : new URL(String(entry['url']))
  const { plugins: _, routes: __, url: ___, ...own } = withId('service', entry)
  const host = url?.hostname ?? String(entry['host'])
  const port = Number(url === undefined ? (entry['port'] ?? 80) : url.port || 80)
  const entity = stored({ ...SERVICE_DEFAULTS, ...own, host, port })
  return {
    entry,
    service: {
      entity,
      host,
      port,
      path: url?.pathname ?? String(entry['path'] ?? '/'),
      plugins: list(entry, 'plugins').map((plugin) => readPlugin(plugin, undefined, entity.id)),
    },
  }
}

function readRoute(entry: Table, service: Service): Route {
  const { plugins: _, ...own } = withId('route', entry)
  const entity = stored({ ...ROUTE_DEFAULTS, ...own, service: { id: service.entity.id } })
  return {
    entity,
    service,
    paths: (entry['paths'] ?? ['/']) as readonly string[],
    methods: entry['methods'] as readonly string[] | undefined,
    hosts: entry['hosts'] as readonly string[] | undefined,
    stripPath: (entry['strip_path'] ?? true) as boolean,
    plugins: list(entry, 'plugins').map((plugin) => readPlugin(plugin, entity.id, undefined)),
  }
}

function readTopPlugin(entry: Table, routes: readonly Route[]): PluginEntity {
  const routeRef = refOf(entry['route'])
  const serviceRef = refOf(entry['service'])
  const is = (entity: Entity, ref: unknown) => entity.id === ref || entity.name === ref
  const route = routes.find(({ entity }) => is(entity, routeRef))
  const service = routes.find(({ service: { entity } }) => is(entity, serviceRef))?.service
  if (routeRef !== undefined && route === undefined)
    throw new TypeError(`no route ${String(routeRef)}`)
  return readPlugin(entry, route?.entity.id, service?.entity.id)
}

function readPlugin(
  entry: Table,
  routeId: string | undefined,
  serviceId: string | undefined,
): PluginEntity {
  const { id, name } = withId(`plugin:${routeId}:${serviceId}`, entry)
  const config = (entry['config'] ?? {}) as Table
  return { id: String(id), name: String(name), config, routeId, serviceId }
}

function list(table: Table, name: string): readonly Table[] {
  const entries = (table[name] ?? []) as readonly Table[]
  return entries.filter((entry) => entry['enabled'] !== false)
}

function refOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null
    ? ((value as Table)['name'] ?? (value as Table)['id'])
    : value
}

/** An entity of a workspace as Kong's database holds it. */
function stored(entry: Table): Entity {
  return dated({ ...entry, ws_id: WORKSPACE }) as unknown as Entity
}

function dated(entry: Table): Table {
  const now = Math.floor(Date.now() / 1000)
  return { ...entry, created_at: now, updated_at: now }
}

/** Kong derives the ids of entities that have none from what names them. */
function withId(kind: string, entry: Table): Table {
  if (entry['id'] !== undefined) return entry
  const name = String(entry['name'] ?? entry['username'] ?? entry['custom_id'])
  const hex = createHash('sha256').update(`${kind}\0${name}`).digest('hex')
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
  return { ...entry, id }
}
