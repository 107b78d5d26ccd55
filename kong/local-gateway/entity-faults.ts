import type { PluginEntity } from './entities.ts'
import { type FieldList, namedFields } from './kong-field.ts'
import { schemaFaults } from './schema-faults.ts'

/**
 * What Kong has against an entity of an external plugin, in its words; empty when it accepts it. `entity`
 * are the fields of the entity, `config` those of its configuration as Kong reads them.
 */
export function entityFaults(
  entity: FieldList,
  config: FieldList,
  { scope, config: given }: PluginEntity,
): string[] {
  const known = new Map(namedFields(entity))
  const protocols = known.get('protocols')
  return [
    ...(isSet(scope.consumer) && known.get('consumer')?.eq === null
      ? ['consumer: value must be null']
      : []),
    ...(isSet(scope.protocols) && protocols !== undefined
      ? schemaFaults([{ protocols }], { protocols: scope.protocols })
      : []),
    ...schemaFaults(config, given, 'config.', known.get('config')?.entity_checks),
  ]
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null
}
