import { stringify } from 'yaml'
import { KONG_YAML } from '../kong-yaml.ts'
import { GUARD_VERSION, type GuardName } from './guard-name.ts'
import { SOURCES } from './sources.ts'

/** What the guard stands beside: everything, or one route or service (`name` or id). */
export type GuardScope =
  | { readonly kind: 'global' }
  /** To paste into the `plugins` of a route or service. */
  | { readonly kind: 'nested' }
  | { readonly kind: 'service' | 'route'; readonly name: string }

/** Entities of the guard carry it, so that decK can be told to touch nothing else. */
export const GUARD_TAG = 'oathmesh-guard'

/** The `plugins:` block to paste into a Kong declarative file. */
export function renderPlugins(scope: GuardScope): string {
  return `${heading(scope)}${yaml({ plugins: plugins(scope) })}`
}

/** A complete decK file. `select_tags` keeps `deck gateway sync` from deleting everything else. */
export function renderDeck(scope: Exclude<GuardScope, { kind: 'nested' }>): string {
  return `${heading(scope)}${yaml({
    _format_version: '3.0',
    _info: { select_tags: [GUARD_TAG] },
    plugins: plugins(scope),
  })}`
}

function plugins(scope: GuardScope): readonly object[] {
  const form = scope.kind === 'global' ? 'global' : 'scoped'
  return [
    plugin('pre-function', `${form}-access-first`, scope),
    plugin('post-function', `${form}-access-last`, scope),
  ]
}

function plugin(name: string, source: GuardName, scope: GuardScope): object {
  return {
    name,
    ...('name' in scope && { [scope.kind]: scope.name }),
    tags: [GUARD_TAG],
    config: { access: [SOURCES[source]] },
  }
}

function heading(scope: GuardScope): string {
  const form = scope.kind === 'global' ? 'global form' : 'scoped form'
  return `# The oathmesh guard ${GUARD_VERSION}, ${form}. For Kong 3.4 to 3.9 with untrusted_lua = sandbox, the default.\n`
}

function yaml(value: object): string {
  return stringify(value, { ...KONG_YAML, lineWidth: 0, blockQuote: 'literal' })
}
