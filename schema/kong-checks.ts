import type { JsonSchema, KongCheck } from './json-schema.ts'

type Attributes = Readonly<Record<string, unknown>>

/**
 * The `entity_checks` of Kong for an object schema: its `x-kong-checks`, with the elements of a list that a
 * check speaks of written out as the whole record, without which Kong would call the others unknown. There
 * is no null in them: a chunk of Lua has none where there is no `ngx`.
 */
export function toKongChecks(schema: JsonSchema): readonly KongCheck[] {
  return (schema['x-kong-checks'] ?? []).map((check) =>
    Object.fromEntries(
      Object.entries(check).map(([name, rule]) => [name, withElements(rule, schema)]),
    ),
  )
}

function withElements(rule: KongCheck[string], schema: JsonSchema): KongCheck[string] {
  if (!isConditional(rule) || rule.then_match.elements === undefined) return rule
  const items = rule.then_field
    .split('.')
    .reduce<JsonSchema | undefined>((owner, name) => owner?.properties?.[name], schema)?.items
  const { elements } = rule.then_match
  const fields = Object.entries(items?.properties ?? {}).map(([name, { type, items: inner }]) => ({
    [name]: { type, ...(inner && { elements: { type: inner.type } }), ...elements[name] },
  }))
  return { ...rule, then_match: { elements: { type: 'record', fields } } }
}

interface Conditional {
  readonly then_field: string
  readonly then_match: { readonly elements?: Readonly<Record<string, Attributes>> }
}

function isConditional(rule: unknown): rule is Attributes & Conditional {
  return typeof rule === 'object' && rule !== null && 'then_match' in rule
}
