import type { ConnectionManager, HttpFilter } from './connection-manager.ts'
import type { Part } from './envoy-document.ts'
import type { Finding } from './finding.ts'
import { isDisabled } from './route-faults.ts'

/** Whether a filter behind ours lets nothing through without a decision. */
export function guardFaults(manager: ConnectionManager, own: HttpFilter): readonly Finding[] {
  const { filters, routes } = manager
  // Over HTTP there is no metadata to demand, and an answer without a status is no allow.
  if (own.config.get('http_service').exists) return []
  const guards = filters
    .slice(filters.indexOf(own) + 1)
    .filter(({ config }) => config.isOf('rbac.v3.RBAC') && demandsDecision(config, own.name))
  const [guard] = guards
  if (guard === undefined) return [{ code: 'no_guard', part: manager.config.get('http_filters') }]
  return routes
    .filter((route) => !isDisabled(route, own))
    .map((route) => route.perFilter(guard.name))
    .filter((config): config is Part => config?.isOf('rbac.v3.RBACPerRoute') === true)
    .filter((config) => !demandsDecision(config.get('rbac'), own.name))
    .map((part) => ({ code: 'guard_disabled', part }))
}

/** Every policy of it has to: one that lets everything in is enough to be let in. */
function demandsDecision(rbac: Part, filter: string): boolean {
  const rules = rbac.get('rules')
  const policies = rules.get('policies').value
  if (typeof policies !== 'object' || policies === null) return false
  const action = rules.get('action').text ?? 'ALLOW'
  const names = Object.keys(policies)
  return (
    action === 'ALLOW' &&
    names.length > 0 &&
    names.every((name) => {
      const principals = rules.get('policies', name, 'principals').items
      return principals.length > 0 && principals.every((one) => isDecision(one, filter))
    })
  )
}

function isDecision(principal: Part, filter: string): boolean {
  const sourced = principal.get('sourced_metadata', 'metadata_matcher')
  const matcher = sourced.exists ? sourced : principal.get('metadata')
  const [key] = matcher.get('path').items
  return (
    matcher.get('filter').text === filter &&
    key?.get('key').text === 'decision' &&
    matcher.get('invert').value !== true &&
    matcher.get('value').exists
  )
}
