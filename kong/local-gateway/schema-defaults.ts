import { type FieldList, type KongField, namedFields } from './kong-field.ts'

type Table = Readonly<Record<string, unknown>>

/**
 * A configuration as Kong hands it to a plugin: defaults filled in, required records there even when
 * nobody wrote them, what is unset or null absent. A null keeps a field unset in spite of its default.
 */
export function withDefaults(fields: FieldList, config: Table): Table {
  return Object.fromEntries(
    namedFields(fields).flatMap(([name, field]) => {
      const value = fieldValue(field, config[name])
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function fieldValue(field: KongField, given: unknown): unknown {
  const value = given === undefined ? field.default : given
  if (value === null) return undefined
  if (field.type === 'record') {
    if (value === undefined && !field.required) return undefined
    return withDefaults(field.fields ?? [], (value ?? {}) as Table)
  }
  if (Array.isArray(value)) return value.map((item) => inner(field.elements, item))
  if (field.type !== 'map' || value === undefined) return value
  return Object.fromEntries(
    Object.entries(value as Table).map(([key, item]) => [key, inner(field.values, item)]),
  )
}

function inner(field: KongField | undefined, item: unknown): unknown {
  return field === undefined ? item : fieldValue(field, item)
}
