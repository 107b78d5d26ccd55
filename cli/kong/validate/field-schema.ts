import configSchema from '../../../schema/config.schema.json' with { type: 'json' }
import type { JsonSchema } from '../../../schema/json-schema.ts'
import type { Path } from '../entities/kong-document.ts'

const ROOT = configSchema as JsonSchema

/** What the schema says of a field; `undefined` where there is no such field. */
export function fieldSchema(path: Path): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>(
    (schema, part) => (typeof part === 'number' ? schema?.items : schema?.properties?.[part]),
    ROOT,
  )
}

/** The fields that Kong may resolve from a vault. */
export const REFERENCEABLE: readonly string[] = secretsIn(ROOT, '')

function secretsIn(schema: JsonSchema, path: string): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const own = path === '' ? name : `${path}.${name}`
    return [...(property['x-secret'] === undefined ? [] : [own]), ...secretsIn(property, own)]
  })
}
