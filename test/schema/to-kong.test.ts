import configSchema from '../../schema/config.schema.json' with { type: 'json' }
import type { JsonSchema } from '../../schema/json-schema.ts'
import { type KongAttributes, toKongFields } from '../../schema/to-kong.ts'

const fields = toKongFields(configSchema as JsonSchema)

function attributes(path: string): KongAttributes {
  let list = fields
  let found: KongAttributes | undefined
  for (const name of path.split('.')) {
    found = list.find((field) => name in field)?.[name]
    const inner = (found?.['elements'] ?? found) as KongAttributes | undefined
    list = (inner?.['fields'] ?? []) as typeof fields
  }
  if (found === undefined) throw new TypeError(`no field ${path}`)
  return found
}

/** Every property of the schema with its path, the properties of list entries included. */
function properties(schema: JsonSchema, path = ''): [string, JsonSchema][] {
  const inner = schema.items ?? schema
  return Object.entries(inner.properties ?? {}).flatMap(([name, property]) => {
    const own = path === '' ? name : `${path}.${name}`
    return [[own, property] as [string, JsonSchema], ...properties(property, own)]
  })
}

describe('the configuration schema', () => {
  const all = properties(configSchema as JsonSchema)

  test.each(all)('%s has a description that says what it does', (_, { description }) => {
    expect(description?.length ?? 0).toBeGreaterThan(15)
    expect(description).toMatch(/\.$/)
  })

  test.each(all)('%s is closed and bounded', (_, property) => {
    if (property.type === 'object') expect(property.additionalProperties).toBe(false)
    if (property.type === 'integer') {
      expect(property).toMatchObject({
        minimum: expect.any(Number) as unknown,
        maximum: expect.any(Number) as unknown,
      })
    }
    if (property.type === 'array') expect(property.maxItems).toEqual(expect.any(Number))
    if (property.type === 'string' && property.enum === undefined) {
      expect(property.maxLength).toEqual(expect.any(Number))
    }
  })

  test.each(all)('%s has a field in Kong’s list', (path, property) => {
    expect(attributes(path)['description']).toBe(property.description)
  })
})

describe('toKongFields', () => {
  test('states types, bounds and defaults in Kong’s words', () => {
    expect(attributes('clock_skew_leeway')).toMatchObject({
      type: 'integer',
      between: [0, 60],
      default: 30,
    })
    expect(attributes('audit.sink')).toMatchObject({
      type: 'string',
      one_of: ['kong', 'file', 'none'],
      default: 'kong',
    })
    expect(attributes('audience')).toMatchObject({ type: 'string', required: true, len_min: 1 })
    expect(attributes('issuers')).toMatchObject({ type: 'array', required: true, len_min: 1 })
    expect(attributes('identity_headers')).toMatchObject({
      type: 'set',
      default: ['subject', 'action', 'token_id', 'issuer'],
    })
    expect(attributes('keys')).toMatchObject({ type: 'record' })
    expect(attributes('issuers.issuer')).toMatchObject({ type: 'string', required: true })
  })

  test('marks secrets', () => {
    expect(attributes('redis.password')).toMatchObject({ referenceable: true, encrypted: true })
    expect(attributes('redis.username')).toMatchObject({ referenceable: true })
    const schema = {
      properties: { password: { type: 'string', 'x-secret': 'encrypted' } },
    } as const
    expect(toKongFields(schema)).toEqual([
      { password: { type: 'string', referenceable: true, encrypted: true } },
    ])
  })

  test('refuses a type that Kong does not have', () => {
    expect(() => toKongFields({ properties: { any: {} } })).toThrow(TypeError)
  })
})
