import { type EntityCheck, type FieldList, type KongField, namedFields } from './kong-field.ts'
import { isReference } from './vault-reference.ts'

type Table = Readonly<Record<string, unknown>>

/** A record that is complete, and what has been found of its fields. */
export interface CheckedRecord {
  readonly fields: FieldList
  readonly record: Table
  /** Names of the fields that Kong has something against. */
  readonly faulty: ReadonlySet<string>
  readonly fieldFaults: (field: KongField, value: unknown, path: string) => readonly string[]
}

type Checkers = {
  readonly [Name in keyof EntityCheck]-?: (
    arg: NonNullable<EntityCheck[Name]>,
    of: CheckedRecord,
  ) => string | undefined
}

const CHECKERS: Checkers = {
  at_least_one_of: (names, of) =>
    filled(names, of).length > 0
      ? undefined
      : `at least one of these fields must be non-empty: ${quoted(names)}`,
  only_one_of: (names, of) =>
    filled(names, of).length === 1
      ? undefined
      : `exactly one of these fields must be non-empty: ${quoted(names)}`,
  distinct: (names, of) => {
    const values = filled(names, of).map((name) => valueAt(of.record, name))
    return new Set(values).size === values.length
      ? undefined
      : `values of these fields must be distinct: ${quoted(names)}`
  },
  mutually_required: (names, of) => {
    if (names.some((name) => of.faulty.has(name))) return undefined
    return [0, names.length].includes(filled(names, of).length)
      ? undefined
      : `all or none of these fields must be set: ${quoted(names)}`
  },
  mutually_exclusive: (names, of) => {
    if (names.some((name) => of.faulty.has(name)) || filled(names, of).length <= 1) return undefined
    return `only one or none of these fields must be set: ${quoted(names)}`
  },
  mutually_exclusive_sets: ({ set1, set2 }, of) => {
    const sets = [filled(set1, of), filled(set2, of)]
    return sets.some((set) => set.length === 0)
      ? undefined
      : `these sets are mutually exclusive: ${sets.map((set) => `(${quoted(set)})`).join(', ')}`
  },
  conditional: (arg, of) => {
    if (!fits(arg.if_field, arg.if_match, of)) return undefined
    if (fits(arg.then_field, arg.then_match, of)) return undefined
    const missing = arg.then_match.required && !isSet(valueAt(of.record, arg.then_field))
    // Kong says its own of a field that is missing, whatever the check would say.
    const own = missing ? undefined : arg.then_err
    return own ?? `failed conditional validation given value of field '${arg.if_field}'`
  },
  conditional_at_least_one_of: (arg, of) => {
    const [names, err] = fits(arg.if_field, arg.if_match, of)
      ? [arg.then_at_least_one_of, arg.then_err]
      : arg.else_match && fits(arg.if_field, arg.else_match, of)
        ? [arg.else_then_at_least_one_of ?? [], arg.else_then_err]
        : [[], undefined]
    if (names.length === 0 || filled(names, of).length > 0) return undefined
    return err ?? `at least one of these fields must be non-empty: ${quoted(names)}`
  },
}

/**
 * What Kong's rules between fields have against a record, in its words. A rule that would look at the value
 * of a vault reference is left out: there is none yet.
 */
export function checkFaults(checks: readonly EntityCheck[], of: CheckedRecord): readonly string[] {
  return checks.flatMap((check) => {
    if (fieldsOf(check).some((name) => refers(name, of))) return []
    return Object.entries(CHECKERS).flatMap(([name, run]) => {
      const arg = check[name as keyof EntityCheck]
      const fault = arg === undefined ? undefined : (run as Checker)(arg, of)
      return fault ?? []
    })
  })
}

type Checker = (arg: unknown, of: CheckedRecord) => string | undefined

/** Every field that a check names, whatever the check. */
function fieldsOf(check: EntityCheck): readonly string[] {
  const { conditional, conditional_at_least_one_of: orElse, mutually_exclusive_sets: sets } = check
  return [
    ...Object.values(check)
      .filter((arg): arg is readonly string[] => Array.isArray(arg))
      .flat(),
    ...(conditional ? [conditional.if_field, conditional.then_field] : []),
    ...(orElse ? [orElse.if_field, ...orElse.then_at_least_one_of] : []),
    ...(sets ? [...sets.set1, ...sets.set2] : []),
  ]
}

function refers(name: string, { fields, record }: CheckedRecord): boolean {
  const field = fieldAt(fields, name)
  return field !== undefined && isReference(field, valueAt(record, name))
}

function fits(name: string, match: Partial<KongField>, of: CheckedRecord): boolean {
  const field = fieldAt(of.fields, name)
  if (field === undefined) throw new TypeError(`an entity check names ${name}, which is no field`)
  return of.fieldFaults({ ...field, ...match }, valueAt(of.record, name), name).length === 0
}

function fieldAt(fields: FieldList, name: string): KongField | undefined {
  const [head = '', ...tail] = name.split('.')
  const field = namedFields(fields).find(([own]) => own === head)?.[1]
  return tail.length === 0 ? field : fieldAt(field?.fields ?? [], tail.join('.'))
}

function valueAt(record: unknown, name: string): unknown {
  return name
    .split('.')
    .reduce<unknown>((owner, part) => (owner as Table | null | undefined)?.[part], record)
}

function filled(names: readonly string[], { record }: CheckedRecord): readonly string[] {
  return names.filter((name) => isFilled(valueAt(record, name)))
}

/** `false` and 0 count as filled; text and tables do when something is in them. */
function isFilled(value: unknown): boolean {
  if (!isSet(value) || value === '') return false
  return typeof value !== 'object' || Object.keys(value ?? {}).length > 0
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(', ')
}
