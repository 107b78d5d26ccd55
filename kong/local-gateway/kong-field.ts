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
  readonly len_min?: number
  readonly len_max?: number
  readonly referenceable?: boolean
  /** The one value that is accepted. */
  readonly eq?: unknown
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
