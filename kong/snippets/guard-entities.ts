import { GUARD_TAG, type GuardScope, guardFunctions } from '../guard/render.ts'
import type { SnippetEntity } from './snippet.ts'

/** The two entities of the guard. */
export function guardEntities(scope: GuardScope): readonly SnippetEntity[] {
  return guardFunctions(scope).map(({ plugin, end, source }) => ({
    label: 'name' in scope ? `${GUARD_TAG}-${scope.name}-${end}` : `${GUARD_TAG}-${end}`,
    plugin,
    ...('name' in scope && { on: { kind: scope.kind, name: scope.name } }),
    tags: [GUARD_TAG],
    config: { access: [source] },
  }))
}
