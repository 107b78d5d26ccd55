import { type FieldList, type KongField, namedFields } from './kong-field.ts'

type Table = Readonly<Record<string, unknown>>

const VAULT_REFERENCE = /^\{vault:\/\/.*\}$/

/**
 * What Kong has against a configuration, in its words, one phrase per field; empty when it accepts it.
 * Empty text is refused unless the field says otherwise.
 */
export function schemaFaults(fields: FieldList, config: Table, path = ''): string[] {
  const known = new Set(namedFields(fields).map(([name]) => name))
  const unknown = Object.keys(config).filter((name) => !known.has(name))
  return [
    ...unknown.map((name) => `${path}${name}: unknown field`),
    ...namedFields(fields).flatMap(([name, field]) => {
      const value = config[name] === undefined ? field.default : config[name]
      return fieldFaults(field, value, `${path}${name}`)
    }),
  ]
}

function fieldFaults(field: KongField, value: unknown, path: string): string[] {
  if (value === undefined && field.required && field.type === 'record') {
    // Kong makes the record; what is required in it is then missed.
    return schemaFaults(field.fields ?? [], {}, `${path}.`)
  }
  if (value === undefined || value === null) {
    return field.required ? [`${path}: required field missing`] : []
  }
  if (!hasType(field.type, value)) {
    return [`${path}: expected ${/^[aeiou]/.test(field.type) ? 'an' : 'a'} ${field.type}`]
  }
  if (field.referenceable && VAULT_REFERENCE.test(String(value))) return []
  return [...innerFaults(field, value, path), ...boundFaults(field, value, path)]
}

function innerFaults(field: KongField, value: unknown, path: string): string[] {
  if (field.fields !== undefined) return schemaFaults(field.fields, value as Table, `${path}.`)
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

function boundFaults(field: KongField, value: unknown, path: string): string[] {
  const { between, gt, one_of: words, len_max: max } = field
  const { len_min: min = field.type === 'string' ? 1 : 0 } = field
  const faults: string[] = []
  if (between !== undefined && (Number(value) < between[0] || Number(value) > between[1])) {
    faults.push(`${path}: value should be between ${between[0]} and ${between[1]}`)
  }
  if (gt !== undefined && Number(value) <= gt) {
    faults.push(`${path}: value must be greater than ${gt}`)
  }
  if (words !== undefined && !words.includes(value)) {
    faults.push(`${path}: expected one of: ${words.join(', ')}`)
  }
  const { length } = typeof value === 'string' || Array.isArray(value) ? value : { length: min }
  if (length < min) faults.push(`${path}: length must be at least ${min}`)
  if (max !== undefined && length > max) faults.push(`${path}: length must be at most ${max}`)
  return faults
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
