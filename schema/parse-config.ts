import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import schema from './config.schema.json' with { type: 'json' }
import { ConfigFaults } from './config-faults.ts'
import { crossFieldFaults } from './cross-field-faults.ts'
import { faultText } from './fault-text.ts'
import type { PluginConfig } from './plugin-config.ts'

/** Members that Kong adds to every plugin configuration. */
const KONGS_OWN =
  /^(?:(?:route|service|consumer|consumer_group|ws)_id|plugin_instance_name|ordering)$/
/**
 * Members that Kong adds to any record of it: `$refs` holds the vault references beside the values that they were
 * resolved to, in the very record that has them.
 */
const KONGS_OWN_ANYWHERE = /^(?:\$refs|__.*)$/

const validate = once(() =>
  new Ajv2020({
    allErrors: true,
    useDefaults: true,
    strict: false,
    verbose: true,
  }).compile<PluginConfig>(schema),
)

/**
 * Checks a configuration as Kong hands it over and fills in the defaults. Unset and null are the same;
 * Kong's own members are passed over. Throws `ConfigFaults`, a `TypeError` that names every faulty
 * field, and no value.
 */
export function parseConfig(raw: unknown): PluginConfig {
  const config = withDefaults(ownMembers(withoutKongs(raw)))
  const check = validate()
  if (!check(config)) throw configurationError(faultsOf(check.errors))
  const faults = crossFieldFaults(config)
  if (faults.length > 0) throw configurationError(faults)
  return config
}

function faultsOf(errors: readonly ErrorObject[] | null | undefined): string[] {
  return (errors ?? []).flatMap((error) => faultText(error) ?? [])
}

export function configurationError(faults: readonly string[]): TypeError {
  return new ConfigFaults(faults)
}

function ownMembers(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return raw
  return Object.fromEntries(Object.entries(raw).filter(([name]) => !KONGS_OWN.test(name)))
}

/** Without what Kong adds to records, and without nulls, which are Kong's word for unset. */
function withoutKongs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutKongs)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(
    ([name, member]) => member !== null && !KONGS_OWN_ANYWHERE.test(name),
  )
  return Object.fromEntries(entries.map(([name, member]) => [name, withoutKongs(member)]))
}

/** ajv fills in the members of a record only where the record is there. */
function withDefaults(config: unknown): unknown {
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return config
  const records = Object.entries(schema.properties).filter(
    ([name, property]) => property.type === 'object' && !schema.required.includes(name),
  )
  return { ...Object.fromEntries(records.map(([name]) => [name, {}])), ...config }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}
