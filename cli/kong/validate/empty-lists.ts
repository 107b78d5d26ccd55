import { isTable, type Path } from '../entities/kong-document.ts'
import { fieldSchema } from './field-schema.ts'

/**
 * The configuration with `[]` for every `{}` where the field is a list. Lua has one empty table, so Kong
 * takes either, and its own exports write what JSON or YAML makes of it.
 */
export function withEmptyLists(value: unknown, path: Path = []): unknown {
  if (Array.isArray(value)) return value.map((each, at) => withEmptyLists(each, [...path, at]))
  if (!isTable(value)) return value
  const entries = Object.entries(value)
  if (entries.length === 0 && fieldSchema(path)?.type === 'array') return []
  return Object.fromEntries(
    entries.map(([name, each]) => [name, withEmptyLists(each, [...path, name])]),
  )
}
