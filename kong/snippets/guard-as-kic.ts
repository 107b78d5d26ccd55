import { GUARD_VERSION } from '../guard/guard-name.ts'
import type { GuardScope } from '../guard/render.ts'
import { guardEntities } from './guard-entities.ts'
import { toKic } from './to-kic.ts'

/** The guard as resources of Kong's ingress controller. */
export function guardAsKic(scope: GuardScope): string {
  const about = `The oathmesh guard ${GUARD_VERSION}. For Kong 3.4 to 3.9 with untrusted_lua = sandbox, the default.`
  return toKic({ about, entities: guardEntities(scope) })
}
