import type { DeclarativeConfig, PluginEntity, Route } from './entities.ts'
import { entityFaults } from './entity-faults.ts'
import { ExternalPlugin, type ExternalPluginHost } from './external-plugin.ts'
import { FUNCTION_PLUGINS, functionPlugin, type NativeFunctions } from './function-plugin.ts'
import type { GatewayPlugin, NativePlugin } from './gateway-plugin.ts'

export type { NativeFunction } from './function-plugin.ts'

export interface ChainOptions {
  readonly host: ExternalPluginHost
  readonly nativeFunctions: NativeFunctions
  /** Stand-ins for Kong's own plugins, by name. */
  readonly nativePlugins: Readonly<Record<string, NativePlugin>>
}

/**
 * The plugins of every route in the order they run. Of each name only the most specific entity counts.
 * Throws `TypeError` for a configuration Kong would refuse and for plugins without a stand-in here.
 */
export function chainsFor(
  config: DeclarativeConfig,
  options: ChainOptions,
): Map<Route, readonly GatewayPlugin[]> {
  const made = new Map(
    config.plugins
      .filter(({ name, scope }) => FUNCTION_PLUGINS[name] === undefined || scope.consumer)
      .map((entity) => [entity, pluginFor(entity, options)]),
  )
  return new Map(
    config.routes.map((route) => {
      const entities = [...applying(config.plugins, route).values()]
      const isProtected = entities.some(({ name }) => name === options.host.info.Name)
      const chain = entities.map(
        (entity) => made.get(entity) ?? luaPlugin(entity, isProtected, options),
      )
      return [route, chain.sort((a, b) => b.priority - a.priority)]
    }),
  )
}

/** By name, the entity that applies to the route: its own, else its service's, else a global one. */
function applying(plugins: readonly PluginEntity[], route: Route): Map<string, PluginEntity> {
  const routeId = route.entity.id
  const serviceId = route.service.entity.id
  const isFor = (own: string | undefined, id: string) => own === undefined || own === id
  const specificity = (entity: PluginEntity) =>
    (entity.routeId === undefined ? 0 : 2) + (entity.serviceId === undefined ? 0 : 1)
  return new Map(
    plugins
      .filter((entity) => isFor(entity.routeId, routeId) && isFor(entity.serviceId, serviceId))
      .sort((a, b) => specificity(a) - specificity(b))
      .map((entity) => [entity.name, entity]),
  )
}

function pluginFor(entity: PluginEntity, { host, nativePlugins }: ChainOptions): GatewayPlugin {
  const { name, id, config } = entity
  if (name === host.info.Name) {
    const faults = entityFaults(host.info.Schema.fields, host.fields, entity)
    if (faults.length > 0) throw new TypeError(`plugin ${name} (${id}): ${faults.join('; ')}`)
  }
  if (entity.scope.consumer !== undefined && entity.scope.consumer !== null) {
    throw new TypeError(`plugin ${name} (${id}): plugins of a consumer are not supported here`)
  }
  if (name === host.info.Name) return new ExternalPlugin(host, entity)
  const native = Object.hasOwn(nativePlugins, name) ? nativePlugins[name] : undefined
  if (native === undefined) {
    throw new TypeError(`plugin ${name} (${id}): there is no stand-in for it here`)
  }
  return native(config, host.env)
}

function luaPlugin(
  entity: PluginEntity,
  isProtected: boolean,
  { nativeFunctions }: ChainOptions,
): GatewayPlugin {
  const priority = FUNCTION_PLUGINS[entity.name] ?? 0
  return functionPlugin(entity, priority, isProtected, nativeFunctions)
}
