/** One field in Kong's schema language, as far as plugin configurations here use it. */
export interface KongField {
  readonly type: string
  readonly required?: boolean
  readonly default?: unknown
  readonly fields?: FieldList
  readonly elements?: KongField
  readonly keys?: KongField
  readonly values?: KongField
  readonly between?: readonly [number, number]
  readonly gt?: number
  readonly one_of?: readonly unknown[]
  readonly not_one_of?: readonly unknown[]
  /** A Lua pattern, as all others here. */
  readonly match?: string
  readonly match_none?: readonly { readonly pattern: string; readonly err: string }[]
  readonly match_any?: { readonly patterns: readonly string[]; readonly err: string }
  readonly len_min?: number
  readonly len_max?: number
  readonly referenceable?: boolean
  /** The one value that is accepted. */
  readonly eq?: unknown
  /** The one value that is not. */
  readonly ne?: unknown
  /** Of a record: rules between its fields. */
  readonly entity_checks?: readonly EntityCheck[]
}

/** One rule, by the name of its checker. Fields are paths: `redis.cluster_nodes`. */
export interface EntityCheck {
  readonly at_least_one_of?: readonly string[]
  readonly only_one_of?: readonly string[]
  readonly distinct?: readonly string[]
  readonly mutually_required?: readonly string[]
  readonly mutually_exclusive?: readonly string[]
  readonly mutually_exclusive_sets?: {
    readonly set1: readonly string[]
    readonly set2: readonly string[]
  }
  readonly conditional?: {
    readonly if_field: string
    readonly if_match: Partial<KongField>
    readonly then_field: string
    readonly then_match: Partial<KongField>
    readonly then_err?: string
  }
  readonly conditional_at_least_one_of?: {
    readonly if_field: string
    readonly if_match: Partial<KongField>
    readonly then_at_least_one_of: readonly string[]
    readonly then_err?: string
    readonly else_match?: Partial<KongField>
    readonly else_then_at_least_one_of?: readonly string[]
    readonly else_then_err?: string
  }
}

export type FieldList = readonly Readonly<Record<string, KongField>>[]

/** The fields of the configuration, among those of an entity. */
export function configFields(entity: FieldList): FieldList {
  return namedFields(entity).find(([name]) => name === 'config')?.[1].fields ?? []
}

/** The fields of a list by name. */
export function namedFields(fields: FieldList): [string, KongField][] {
  return fields.flatMap((field) => Object.entries(field))
}

/**
 * The fields as Kong reads a plugin's schema: records are required unless it says otherwise, so that
 * they are always there. Records inside lists and maps are left as they are.
 */
export function entityFields(fields: FieldList): FieldList {
  return fields.map((named) =>
    Object.fromEntries(
      Object.entries(named).map(([name, field]) => [
        name,
        field.type === 'record'
          ? { required: true, ...field, fields: entityFields(field.fields ?? []) }
          : field,
      ]),
    ),
  )
}
