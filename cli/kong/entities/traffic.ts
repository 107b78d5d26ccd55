import type { Entities, PluginEntity, Scope } from './entities.ts'
import type { Target } from './target.ts'

/** Requests that Kong sends through the same plugins, as far as route and service decide it. */
export interface Traffic {
  readonly route?: Target | undefined
  readonly service?: Target | undefined
}

/** All the traffic a file knows of: its routes, and what a partial file leaves to others. */
export function trafficOf({ routes, services, plugins }: Entities): readonly Traffic[] {
  const traffic: Traffic[] = [...routes]
  const known = (target: Target) =>
    traffic.some(({ route, service }) => route === target || service === target)
  for (const service of services) if (!known(service)) traffic.push({ service })
  for (const { scope } of plugins) {
    const { route, service } = scope
    if (route !== undefined && !known(route)) traffic.push({ route, service })
    if (service !== undefined && !known(service)) traffic.push({ service })
  }
  return traffic.length > 0 ? traffic : [{}]
}

/**
 * The entity of a plugin that Kong runs for this traffic, before any consumer is known: of all that
 * are enabled and fit, the most specific one.
 */
export function effective(
  plugins: readonly PluginEntity[],
  name: string,
  traffic: Traffic,
): PluginEntity | undefined {
  return plugins
    .filter((plugin) => plugin.name === name && plugin.enabled && !byConsumer(plugin.scope))
    .filter(({ scope }) => fits(scope, traffic))
    .sort((a, b) => rank(b.scope) - rank(a.scope))[0]
}

/** Whether the scope names a consumer or a group of them. */
export function byConsumer({ consumer, consumer_group }: Scope): boolean {
  return consumer !== undefined || consumer_group !== undefined
}

/** Whether a request of this traffic can be in the scope. */
export function fits({ route, service }: Scope, traffic: Traffic): boolean {
  return (
    (route === undefined || route === traffic.route) &&
    (service === undefined || service === traffic.service)
  )
}

function rank({ route, service }: Scope): number {
  return (route === undefined ? 0 : 2) + (service === undefined ? 0 : 1)
}
