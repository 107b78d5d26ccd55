import { escapeControls } from '../../../lib/index.ts'
import { HTTP_PROTOCOLS } from '../../../schema/kong-entity.ts'
import type { PluginEntity } from '../entities/entities.ts'
import { isTable, type Path, type Table } from '../entities/kong-document.ts'
import { hasForeignProtocols } from '../entities/protocols.ts'

/** What Kong has against an entity for what stands beside its configuration. */
export interface ScopeFault {
  readonly field: string
  readonly path: Path
  readonly message: string
}

const WHY = 'oathmesh runs before callers are known; scope it to a route or a service'

/** In Kong's words; a consumer group is known to Kong Enterprise alone, where the entity would never run. */
export function scopeFaults(entity: PluginEntity, root: Table): readonly ScopeFault[] {
  const { scope, entry, path } = entity
  const faults: ScopeFault[] = []
  if (isDangling(entity, root)) {
    const known = Object.keys(sharedConfigs(root)).map(escapeControls)
    const found = known.length === 0 ? 'the file has none' : `there are ${known.join(', ')}`
    const message = `names no entry of _plugin_configs; ${found}`
    faults.push({ field: '_config', path: [...path, '_config'], message })
  }
  for (const field of ['consumer', 'consumer_group'] as const) {
    if (scope[field] === undefined) continue
    const place = entry[field] === undefined ? path : [...path, field]
    faults.push({ field, path: place, message: `value must be null: ${WHY}` })
  }
  if (hasForeignProtocols(entity)) {
    const all = HTTP_PROTOCOLS.join(', ')
    const message = Array.isArray(entry['protocols'])
      ? `expected one of: ${all}`
      : `expected a list of: ${all}`
    faults.push({ field: 'protocols', path: [...path, 'protocols'], message })
  }
  return faults
}

/** Whether the entity shares a configuration that the file does not have: decK refuses it. */
export function isDangling({ entry }: PluginEntity, root: Table): boolean {
  const shared = entry['_config']
  if (shared === undefined || shared === null) return false
  return typeof shared !== 'string' || !Object.hasOwn(sharedConfigs(root), shared)
}

function sharedConfigs(root: Table): Table {
  const all = root['_plugin_configs']
  return isTable(all) ? all : {}
}
