import type { JsonSchema } from './json-schema.ts'
import { ENTITY_FIELDS } from './kong-entity.ts'
import { toKongRecord } from './to-kong.ts'

const WIDTH = 100

/** Words of Lua that cannot stand as a bare key. */
const RESERVED = new Set(
  'and break do else elseif end false for function goto if in local nil not or repeat return then true until while'.split(
    ' ',
  ),
)

/**
 * The plugin's schema as a Lua chunk, for control planes that never see the plugin server: the same
 * fields that the plugin server hands to Kong. It requires nothing, because Konnect refuses a schema
 * that does.
 */
export function toLua(name: string, schema: JsonSchema): string {
  const fields = [...ENTITY_FIELDS, { config: toKongRecord(schema) }]
  return [
    '-- Generated from schema/config.schema.json by "npm run generate". For Konnect; see docs/konnect.md.',
    // Where there is no ngx, a consumer is not refused, but the schema is read all the same.
    'local null = ngx and ngx.null',
    `return ${lua({ name, fields }, '')}`,
    '',
  ].join('\n')
}

function lua(value: unknown, indent: string): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return String(value)
  if (value === null) return 'null'
  if (typeof value === 'object') return table(value, indent)
  throw new TypeError(`no Lua for ${JSON.stringify(value)}`)
}

/** On one line where it fits. */
function table(value: object, indent: string): string {
  const entries = (inner: string) =>
    Array.isArray(value)
      ? value.map((member) => lua(member, inner))
      : Object.entries(value).map(([name, member]) => `${key(name)} = ${lua(member, inner)}`)
  const deeper = `${indent}  `
  const items = entries(deeper)
  if (items.length === 0) return '{}'
  const line = `{ ${items.join(', ')} }`
  if (!line.includes('\n') && indent.length + line.length <= WIDTH) return line
  return `{\n${items.map((item) => `${deeper}${item},\n`).join('')}${indent}}`
}

function key(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) && !RESERVED.has(name) ? name : `[${quoted(name)}]`
}

/** UTF-8 as it is; what would end the string or the line, by the decimal codes of its bytes. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\\p{Cc}]/gu, (char) => Array.from(Buffer.from(char), escaped).join(''))}"`
}

function escaped(byte: number): string {
  return `\\${String(byte).padStart(3, '0')}`
}
