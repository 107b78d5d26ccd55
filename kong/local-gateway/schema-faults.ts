import { checkFaults } from './entity-checks.ts'
import { validatorFault } from './field-validators.ts'
import { type EntityCheck, type FieldList, type KongField, namedFields } from './kong-field.ts'
import { withDefaults } from './schema-defaults.ts'
import { isReference } from './vault-reference.ts'

type Table = Readonly<Record<string, unknown>>

/**
 * What Kong has against a configuration, in its words, one phrase per field or rule (`@entity`); empty when
 * it accepts it. `checks` are the rules between the fields of this very record.
 */
export function schemaFaults(
  fields: FieldList,
  config: Table,
  path = '',
  checks: readonly EntityCheck[] = [],
): string[] {
  const known = namedFields(fields)
  const names = new Set(known.map(([name]) => name))
  const unknown = Object.keys(config).filter((name) => !names.has(name))
  const byField = known.map(([name, field]) => {
    const value = config[name] === undefined ? field.default : config[name]
    return [name, fieldFaults(field, value, `${path}${name}`)] as const
  })
  const faulty = new Set(byField.filter(([, faults]) => faults.length > 0).map(([name]) => name))
  const between =
    checks.length === 0
      ? []
      : checkFaults(checks, { fields, record: withDefaults(fields, config), faulty, fieldFaults })
  return [
    ...unknown.map((name) => `${path}${name}: unknown field`),
    ...byField.flatMap(([, faults]) => faults),
    ...between.map((fault) => `${path}@entity: ${fault}`),
  ]
}

/** What Kong has against the value of one field. */
export function fieldFaults(field: KongField, value: unknown, path: string): string[] {
  if (value === undefined || value === null) return absenceFaults(field, value, path)
  if (!hasType(field.type, value)) {
    return [`${path}: expected ${/^[aeiou]/.test(field.type) ? 'an' : 'a'} ${field.type}`]
  }
  if (isReference(field, value)) return []
  const inner = innerFaults(field, value, path)
  if (inner.length > 0) return inner
  const fault = validatorFault(field, value)
  return fault === undefined ? [] : [`${path}: ${fault}`]
}

function absenceFaults(field: KongField, value: undefined | null, path: string): string[] {
  const { type, required, eq, fields = [], entity_checks } = field
  if (value === undefined && required && type === 'record') {
    // Kong makes the record; what is required in it is then missed.
    return schemaFaults(fields, {}, `${path}.`, entity_checks)
  }
  if (eq !== undefined && eq !== null) return [`${path}: value must be ${eq}`]
  return required ? [`${path}: required field missing`] : []
}

function innerFaults(field: KongField, value: unknown, path: string): string[] {
  if (field.fields !== undefined) {
    return schemaFaults(field.fields, value as Table, `${path}.`, field.entity_checks)
  }
  if (field.type === 'map') {
    return Object.entries(value as Table).flatMap(([key, item]) => [
      ...present(field.keys, key, `${path}.${key}`),
      ...present(field.values, item, `${path}.${key}`),
    ])
  }
  if (!Array.isArray(value)) return []
  return value.flatMap((item, at) => present(field.elements, item, `${path}[${at + 1}]`))
}

function present(field: KongField | undefined, value: unknown, path: string): string[] {
  return field === undefined ? [] : fieldFaults({ ...field, required: true }, value, path)
}

function hasType(type: string, value: unknown): boolean {
  switch (type) {
    case 'record':
    case 'map':
      return typeof value === 'object' && !Array.isArray(value)
    case 'array':
    case 'set':
      return Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}
