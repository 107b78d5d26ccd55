import { stringify } from 'yaml'
import { KONG_YAML } from '../kong-yaml.ts'
import { GUARD_VERSION, type GuardName } from './guard-name.ts'
import { SOURCES } from './sources.ts'

/** What the guard stands beside: everything, or one route or service (`name` or id). */
export type GuardScope =
  | { readonly kind: 'global' }
  /** Everything, and whatever has neither an oathmesh entity nor the tag `oathmesh-public` is closed. */
  | { readonly kind: 'closed' }
  /** To paste into the `plugins` of a route or service. */
  | { readonly kind: 'nested' }
  | { readonly kind: 'service' | 'route'; readonly name: string }

const SCOPED = ['scoped-access-first', 'scoped-access-last'] as const

const FUNCTIONS: Readonly<Record<GuardScope['kind'], readonly [GuardName, GuardName]>> = {
  global: ['global-access-first', 'global-access-last'],
  closed: ['global-access-first', 'closed-access-last'],
  nested: SCOPED,
  service: SCOPED,
  route: SCOPED,
}

/** Entities of the guard carry it, so that people and tools find them. */
export const GUARD_TAG = 'oathmesh-guard'

/** The `plugins:` block to paste into a Kong declarative file. */
export function renderPlugins(scope: GuardScope): string {
  return `${heading(scope)}${yaml({ plugins: plugins(scope) })}`
}

/**
 * A complete decK file, to sync together with everything else or to apply by itself. With `selectTag` its
 * entities carry that tag as well and the file selects it, for estates that are kept apart by tags: decK
 * then finds a route or service only if that carries the tag, too.
 */
export function renderDeck(
  scope: Exclude<GuardScope, { kind: 'nested' }>,
  selectTag?: string,
): string {
  const own = selectTag === undefined ? [] : [selectTag]
  const body = {
    _format_version: '3.0',
    ...(selectTag !== undefined && { _info: { select_tags: own } }),
    plugins: plugins(scope, own),
  }
  return `${heading(scope)}${selectTag === undefined ? HOW_TO_SYNC : ''}${yaml(body)}`
}

/** Synced alone, the file would be all that Kong keeps. */
const HOW_TO_SYNC =
  '# deck gateway apply guard.yaml, or in one sync with everything else: deck gateway sync kong.yml guard.yaml\n'

/** A half of the guard: the function plugin that runs it, and its text. */
export interface GuardFunction {
  readonly plugin: 'pre-function' | 'post-function'
  readonly end: 'first' | 'last'
  readonly source: string
}

/** Both halves of the guard in this form. */
export function guardFunctions({ kind }: GuardScope): readonly GuardFunction[] {
  const [first, last] = FUNCTIONS[kind]
  return [
    { plugin: 'pre-function', end: 'first', source: SOURCES[first] },
    { plugin: 'post-function', end: 'last', source: SOURCES[last] },
  ]
}

function plugins(scope: GuardScope, tags: readonly string[] = []): readonly object[] {
  return guardFunctions(scope).map(({ plugin, source }) => ({
    name: plugin,
    ...('name' in scope && { [scope.kind]: scope.name }),
    tags: [...new Set([GUARD_TAG, ...tags])],
    config: { access: [source] },
  }))
}

function heading(scope: GuardScope): string {
  const forms = { global: 'global form', closed: 'closed by default' } as const
  const form =
    scope.kind === 'global' || scope.kind === 'closed' ? forms[scope.kind] : 'scoped form'
  return `# The oathmesh guard ${GUARD_VERSION}, ${form}. For Kong 3.4 to 3.9 with untrusted_lua = sandbox, the default.\n`
}

function yaml(value: object): string {
  return stringify(value, { ...KONG_YAML, lineWidth: 0, blockQuote: 'literal' })
}
