import type { PluginEntity } from './entities.ts'
import { WORKSPACE } from './entities.ts'
import type { FieldList } from './kong-field.ts'
import { withDefaults } from './schema-defaults.ts'

let sequence = 0

/** The configuration of an entity as `StartInstance` carries it: complete, with Kong's own members. */
export function instanceConfig(fields: FieldList, entity: PluginEntity): string {
  const { id, name, config, routeId, serviceId } = entity
  sequence += 1
  return JSON.stringify({
    ...withDefaults(fields, config),
    __seq__: sequence,
    __key__: `plugins:${name}:${routeId ?? ''}:${serviceId ?? ''}:::${WORKSPACE}`,
    __plugin_id: id,
    __ws_id: WORKSPACE,
    ...(routeId !== undefined && { route_id: routeId }),
    ...(serviceId !== undefined && { service_id: serviceId }),
  })
}
