import { HTTP_PROTOCOLS } from '../../../schema/kong-entity.ts'
import type { PluginEntity } from '../entities/entities.ts'
import type { Path } from '../entities/kong-document.ts'

/** What Kong has against an entity for what stands beside its configuration. */
export interface ScopeFault {
  readonly field: string
  readonly path: Path
  readonly message: string
}

const WHY = 'oathmesh runs before callers are known; scope it to a route or a service'

/** In Kong's words; a consumer group is known to Kong Enterprise alone, where the entity would never run. */
export function scopeFaults({ scope, entry, path }: PluginEntity): readonly ScopeFault[] {
  const faults: ScopeFault[] = []
  for (const field of ['consumer', 'consumer_group'] as const) {
    if (scope[field] === undefined) continue
    const place = entry[field] === undefined ? path : [...path, field]
    faults.push({ field, path: place, message: `value must be null: ${WHY}` })
  }
  const { protocols } = entry
  if (Array.isArray(protocols) && !protocols.every((each) => HTTP_PROTOCOLS.includes(each))) {
    const message = `expected one of: ${HTTP_PROTOCOLS.join(', ')}`
    faults.push({ field: 'protocols', path: [...path, 'protocols'], message })
  }
  return faults
}
