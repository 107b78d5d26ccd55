import { HTTP_PROTOCOLS } from '../../../schema/kong-entity.ts'
import type { PluginEntity } from './entities.ts'
import { isTable } from './kong-document.ts'

/** Whether Kong refuses the protocols of an oathmesh entity: they are no list, or name another than HTTP's. */
export function hasForeignProtocols({ entry }: PluginEntity): boolean {
  const { protocols } = entry
  if (protocols === undefined || protocols === null) return false
  if (isTable(protocols) && Object.keys(protocols).length === 0) return false
  return !Array.isArray(protocols) || !protocols.every((each) => HTTP_PROTOCOLS.includes(each))
}
