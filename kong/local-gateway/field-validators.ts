import type { KongField } from './kong-field.ts'
import { luaPattern } from './lua-pattern.ts'

type Validator = (value: unknown, field: KongField) => string | undefined

/** In Kong's order; the first that has something against a value is the one that speaks. */
const VALIDATORS: readonly Validator[] = [
  (value, { eq }) =>
    eq !== undefined && eq !== null && value !== eq ? `value must be ${eq}` : undefined,
  (value, { ne }) => (ne !== undefined && value === ne ? `value must not be ${value}` : undefined),
  (value, { not_one_of: words }) =>
    words?.includes(value) ? `must not be one of: ${words.join(', ')}` : undefined,
  (value, { one_of: words }) =>
    words && !words.includes(value) ? `expected one of: ${words.join(', ')}` : undefined,
  (value, { gt }) =>
    gt !== undefined && Number(value) <= gt ? `value must be greater than ${gt}` : undefined,
  (value, { between }) =>
    between && (Number(value) < between[0] || Number(value) > between[1])
      ? `value should be between ${between[0]} and ${between[1]}`
      : undefined,
  shorter,
  (value, { len_max: max }) =>
    max !== undefined && (lengthOf(value) ?? 0) > max ? `length must be at most ${max}` : undefined,
  (value, { match_none: refused = [] }) =>
    refused.find(({ pattern }) => luaPattern(pattern).test(String(value)))?.err,
  (value, { match }) =>
    match !== undefined && !luaPattern(match).test(String(value))
      ? `invalid value: ${value}`
      : undefined,
  (value, { match_any: any }) =>
    any?.patterns.some((pattern) => luaPattern(pattern).test(String(value))) === false
      ? any.err
      : undefined,
]

/** What Kong has against a value of the right type, in its words. Null is none. */
export function validatorFault(field: KongField, value: unknown): string | undefined {
  for (const validate of VALIDATORS) {
    const fault = validate(value, field)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** Empty text is refused unless the field says otherwise. */
function shorter(value: unknown, field: KongField): string | undefined {
  const { len_min: min = field.type === 'string' ? 1 : 0 } = field
  return (lengthOf(value) ?? min) < min ? `length must be at least ${min}` : undefined
}

/** Of text in bytes, as Lua counts; of a list its members. */
function lengthOf(value: unknown): number | undefined {
  if (typeof value === 'string') return Buffer.byteLength(value)
  return Array.isArray(value) ? value.length : undefined
}
