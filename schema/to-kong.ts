import type { JsonSchema } from './json-schema.ts'
import { toKongChecks } from './kong-checks.ts'
import { KONG_FORMATS } from './kong-formats.ts'

/** One field of Kong's schema language, as the plugin server hands it over. */
export type KongField = Readonly<Record<string, KongAttributes>>
export type KongAttributes = Readonly<Record<string, unknown>>

/**
 * Kong's field list for an object schema. Kong checks types, bounds, unknown fields and what holds within
 * each record with it before a configuration reaches us.
 */
export function toKongFields(schema: JsonSchema): readonly KongField[] {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    [name]: {
      ...attributesOf(property),
      ...(schema.required?.includes(name) && { required: true }),
      ...(property.description !== undefined && { description: property.description }),
    },
  }))
}

/** The record of Kong's language for an object schema: its fields, and the rules between them. */
export function toKongRecord(schema: JsonSchema): KongAttributes {
  const checks = toKongChecks(schema)
  return {
    type: 'record',
    fields: toKongFields(schema),
    ...(checks.length > 0 && { entity_checks: checks }),
  }
}

function attributesOf(schema: JsonSchema): KongAttributes {
  return { ...typeOf(schema), ...boundsOf(schema), ...defaultOf(schema) }
}

function typeOf(schema: JsonSchema): KongAttributes {
  switch (schema.type) {
    case 'object':
      return toKongRecord(schema)
    case 'array':
      return {
        type: schema.uniqueItems ? 'set' : 'array',
        elements: attributesOf(schema.items ?? {}),
      }
    case 'string':
    case 'integer':
    case 'boolean':
      return { type: schema.type }
    default:
      throw new TypeError(`no Kong type for ${JSON.stringify(schema.type)}`)
  }
}

function boundsOf(schema: JsonSchema): KongAttributes {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema
  return {
    ...(schema.enum !== undefined && { one_of: schema.enum }),
    ...(minimum !== undefined && maximum !== undefined && { between: [minimum, maximum] }),
    ...lengths(minLength ?? minItems, maxLength ?? maxItems),
    ...formatOf(schema['x-kong-format']),
    ...(schema['x-secret'] !== undefined && { referenceable: true }),
    ...(schema['x-secret'] === 'encrypted' && { encrypted: true }),
  }
}

function formatOf(format: string | undefined): KongAttributes {
  if (format === undefined) return {}
  const validators = KONG_FORMATS[format]
  if (validators === undefined) throw new TypeError(`no x-kong-format ${format}`)
  return validators
}

function lengths(min: number | undefined, max: number | undefined): KongAttributes {
  return { ...(min !== undefined && { len_min: min }), ...(max !== undefined && { len_max: max }) }
}

// A field with a default is never absent in Kong unless someone sets it to null.
function defaultOf(schema: JsonSchema): KongAttributes {
  return schema.default === undefined ? {} : { default: schema.default }
}
