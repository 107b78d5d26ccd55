import { ConfigFaults } from '../../../schema/config-faults.ts'
import { parseConfig } from '../../../schema/parse-config.ts'
import type { Table } from '../entities/kong-document.ts'
import { withEmptyLists } from './empty-lists.ts'
import { namedField } from './field-path.ts'
import { startFaults } from './start-faults.ts'
import { resolved, vaultFaults } from './vault-faults.ts'

/** Every reason to refuse a configuration, as phrases that begin with the path of the field. */
export function configFaults(raw: Table): readonly string[] {
  const vault = vaultFaults(raw)
  const told = new Set(vault.map((phrase) => namedField(phrase).field))
  // A reference where there should be a number is one fault, not two.
  return [
    ...vault,
    ...pluginFaults(withEmptyLists(resolved(raw))).filter(
      (phrase) => !told.has(namedField(phrase).field),
    ),
  ]
}

function pluginFaults(raw: unknown): readonly string[] {
  try {
    return startFaults(parseConfig(raw))
  } catch (cause) {
    if (cause instanceof ConfigFaults) return cause.faults
    throw cause
  }
}
