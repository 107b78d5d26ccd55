import type { DeclarativeConfig, PluginEntity, Route } from './declarative-config.ts'
import type { Exchange } from './exchange.ts'
import { ExternalPlugin } from './external-plugin.ts'
import type { GatewayPlugin } from './gateway-plugin.ts'
import { schemaFaults } from './kong-schema.ts'
import type { PdkEnvironment } from './pdk.ts'
import type { PluginInfo } from './plugin-server.ts'
import type { RpcClient } from './rpc-client.ts'

/** What a known Lua function does, in TypeScript: this gateway has no Lua. */
export type NativeFunction = (
  exchange: Exchange,
  context: { readonly protectedRoute: boolean },
) => void

export interface ChainOptions {
  readonly info: PluginInfo
  readonly rpc: RpcClient
  readonly env: PdkEnvironment
  /** Takes every entity that lives in the plugin server. */
  readonly external: ExternalPlugin[]
  /** By the first line of the Lua source. */
  readonly nativeFunctions: Readonly<Record<string, NativeFunction>>
}

const FUNCTION_PLUGINS: Readonly<Record<string, number>> = {
  'pre-function': 1_000_000,
  'post-function': -1000,
}

const made = new WeakMap<PluginEntity, ExternalPlugin>()

/**
 * The plugins of a route in the order they run. Of each name only the most specific entity counts.
 * Throws `TypeError` for a configuration Kong would refuse and for plugins this stand-in does not know.
 */
export function chainFor(
  route: Route,
  config: DeclarativeConfig,
  options: ChainOptions,
): GatewayPlugin[] {
  const entities = new Map<string, PluginEntity>()
  const { entity, service } = route
  const candidates = [
    ...config.plugins.filter(
      ({ routeId, serviceId }) => routeId === undefined && serviceId === undefined,
    ),
    ...service.plugins,
    ...config.plugins.filter(
      (plugin) => plugin.routeId === undefined && plugin.serviceId === service.entity.id,
    ),
    ...route.plugins,
    ...config.plugins.filter((plugin) => plugin.routeId === entity.id),
  ]
  for (const candidate of candidates) entities.set(candidate.name, candidate)
  const protectedRoute = entities.has(options.info.Name)
  return [...entities.values()]
    .map((plugin) => pluginFor(plugin, protectedRoute, options))
    .sort((a, b) => b.priority - a.priority)
}

function pluginFor(
  entity: PluginEntity,
  protectedRoute: boolean,
  options: ChainOptions,
): GatewayPlugin {
  const priority = FUNCTION_PLUGINS[entity.name]
  if (priority !== undefined) return functionPlugin(entity, priority, protectedRoute, options)
  const { info, rpc, env, external } = options
  if (entity.name !== info.Name) throw new TypeError(`plugin ${entity.name} is not known here`)
  const existing = made.get(entity)
  if (existing !== undefined) return existing
  const faults = schemaFaults(info.Schema.fields[0].config.fields, entity.config)
  if (faults.length > 0)
    throw new TypeError(`plugin ${entity.name} (${entity.id}): config.${faults.join('; config.')}`)
  const plugin = new ExternalPlugin(info, entity, rpc, env, external)
  made.set(entity, plugin)
  external.push(plugin)
  return plugin
}

function functionPlugin(
  { name, config }: PluginEntity,
  priority: number,
  protectedRoute: boolean,
  { nativeFunctions }: ChainOptions,
): GatewayPlugin {
  const sources = (config['access'] ?? []) as readonly string[]
  const functions = sources.map((source) => {
    const marker = source.trimStart().split('\n', 1)[0] ?? ''
    const native = nativeFunctions[marker.trim()]
    if (native === undefined)
      throw new TypeError(`${name}: no stand-in for the Lua function "${marker}"`)
    return native
  })
  return {
    name,
    priority,
    access(exchange) {
      for (const native of functions) {
        if (exchange.exit === undefined) native(exchange, { protectedRoute })
      }
    },
  }
}
