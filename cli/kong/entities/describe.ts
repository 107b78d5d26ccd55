import type { PluginEntity } from './entities.ts'
import type { Target } from './target.ts'
import type { Traffic } from './traffic.ts'

/** An entity in words: `oathmesh "mine" on route "orders"`, `pre-function without scope`. */
export function describeEntity({ name, label, scope }: PluginEntity): string {
  const own = label === undefined ? name : `${name} "${label}"`
  const targets = [scope.route, scope.service, scope.consumer, scope.consumer_group]
  const scopes = targets.filter((target) => target !== undefined).map(describeTarget)
  return scopes.length === 0 ? `${own} without scope` : `${own} on ${scopes.join(' and ')}`
}

/** Traffic in words, by its most specific part. */
export function describeTraffic({ route, service }: Traffic): string {
  const target = route ?? service
  return target === undefined ? 'all routes' : describeTarget(target)
}

function describeTarget({ kind, label }: Target): string {
  return `${kind.replace('_', ' ')} "${label}"`
}
