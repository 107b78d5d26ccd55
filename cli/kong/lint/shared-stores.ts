import { storeName } from '../../../lib/replay/audience-stores.ts'
import { parseConfig } from '../../../schema/parse-config.ts'
import type { PluginConfig } from '../../../schema/plugin-config.ts'
import { toReplaySettings } from '../../../schema/to-settings.ts'
import type { PluginEntity } from '../entities/entities.ts'
import { withEmptyLists } from '../validate/empty-lists.ts'
import { resolved } from '../validate/vault-faults.ts'
import type { Fault } from './guard-faults.ts'

/**
 * The entities whose audience an earlier one of the file keeps in another replay store. Those whose
 * configuration is faulty are left to `oathmesh kong validate`.
 */
export function sharedStores(
  oathmesh: readonly PluginEntity[],
): readonly (readonly [PluginEntity, Fault])[] {
  const first = new Map<string, string>()
  return oathmesh.flatMap((entity) => {
    const config = configOf(entity)
    if (config === undefined) return []
    const name = storeName(toReplaySettings(config))
    const expected = first.get(config.audience)
    if (expected === undefined) first.set(config.audience, name)
    if (expected === undefined || expected === name) return []
    return [[entity, severalStores(name, expected)] as const]
  })
}

function severalStores(found: string, expected: string): Fault {
  return {
    code: 'several_stores',
    message:
      `It keeps used tokens in ${found}, and an earlier entity with the same audience in` +
      ` ${expected}: a token is accepted once in each.`,
    fix: 'Give all entities with one audience the same replay and redis settings, or audiences of their own.',
  }
}

function configOf({ config }: PluginEntity): PluginConfig | undefined {
  try {
    return parseConfig(withEmptyLists(resolved(config)))
  } catch {
    return undefined
  }
}
