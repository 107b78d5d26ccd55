import type { ConnectionManager, HttpFilter } from './connection-manager.ts'
import type { Part } from './envoy-document.ts'
import type { Finding } from './finding.ts'

/** As Envoy has them, in lower case. */
const SPELLINGS = [
  'x-oathmesh-decision',
  'x-oathmesh-subject',
  'x-oathmesh-token-id',
  'x_oathmesh_subject',
  'x-oathmesh_subject',
  'x_oathmesh-decision',
]

/** Whether identity headers that clients send are removed before the filter, and so on routes where it is off. */
export function stripFaults(manager: ConnectionManager, own: HttpFilter): readonly Finding[] {
  const before = manager.filters.slice(0, manager.filters.indexOf(own))
  const mutations = [
    ...before
      .filter(({ config }) => config.isOf('header_mutation.v3.HeaderMutation'))
      .flatMap(({ config }) => config.get('mutations', 'request_mutations').items),
    ...manager.config
      .get('early_header_mutation_extensions')
      .items.flatMap((extension) => extension.get('typed_config', 'mutations').items),
  ]
  const patterns = mutations.flatMap((mutation) => patternOf(mutation))
  const covered = SPELLINGS.every((name) => patterns.some((pattern) => pattern.test(name)))
  return covered ? [] : [{ code: 'not_stripped', part: manager.config.get('http_filters') }]
}

/** A regular expression of Envoy matches the whole name. One that JavaScript cannot read removes nothing, to be safe. */
function patternOf(mutation: Part): readonly RegExp[] {
  const regex = mutation.get('remove_on_match', 'key_matcher', 'safe_regex', 'regex').text
  if (regex === undefined) return []
  try {
    return [new RegExp(`^(?:${regex})$`)]
  } catch {
    return []
  }
}
