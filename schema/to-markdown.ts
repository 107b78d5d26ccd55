import type { JsonSchema } from './json-schema.ts'

/** The configuration reference: one row per field, in the order of the schema. */
export function toMarkdown(schema: JsonSchema): string {
  return [
    '| Field | Type | Default | What it does |',
    '|---|---|---|---|',
    ...rows(schema, ''),
  ].join('\n')
}

function rows(schema: JsonSchema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const own = path === '' ? name : `${path}.${name}`
    const required = schema.required?.includes(name) ? 'required' : '–'
    const value =
      property.default === undefined ? required : `\`${JSON.stringify(property.default)}\``
    const inner = property.items?.properties === undefined ? property : property.items
    const innerPath = inner === property ? own : `${own}[]`
    return [
      `| \`${own}\` | ${typeOf(property)} | ${value} | ${property.description} |`,
      ...rows(inner, innerPath),
    ]
  })
}

function typeOf(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(', ')
  switch (schema.type) {
    case 'object':
      return 'record'
    case 'array':
      return schema.items?.properties
        ? 'list of records'
        : `${schema.uniqueItems ? 'set' : 'list'} of ${typeOf(schema.items ?? {})}`
    case 'integer':
      return `integer, ${schema.minimum}–${schema.maximum}`
    default:
      return String(schema.type)
  }
}
