/** Attributes of one field in Kong's schema language, as far as plugin configurations use them. */
interface Attributes {
  readonly type: string
  readonly required?: boolean
  readonly default?: unknown
  readonly fields?: FieldList
  readonly elements?: Attributes
  readonly between?: readonly [number, number]
  readonly one_of?: readonly unknown[]
  readonly len_min?: number
  readonly len_max?: number
}

export type FieldList = readonly Readonly<Record<string, Attributes>>[]

type Table = Readonly<Record<string, unknown>>

/** A configuration as Kong keeps it: defaults filled in, a record there whenever a member of it has one. */
export function withDefaults(fields: FieldList, config: Table): Table {
  return Object.fromEntries(
    entriesOf(fields).flatMap(([name, attributes]) => {
      const value = defaulted(attributes, config[name])
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

function defaulted(attributes: Attributes, given: unknown): unknown {
  const value = given ?? attributes.default
  if (attributes.type === 'record') {
    const record = withDefaults(attributes.fields ?? [], (value ?? {}) as Table)
    return value === undefined && Object.keys(record).length === 0 ? undefined : record
  }
  const { elements } = attributes
  if (elements?.type !== 'record' || !Array.isArray(value)) return value
  return value.map((element) => withDefaults(elements.fields ?? [], element as Table))
}

/** What Kong has against a configuration, one phrase per field; empty when it accepts it. */
export function schemaFaults(fields: FieldList, config: Table, path = ''): string[] {
  const known = new Set(entriesOf(fields).map(([name]) => name))
  const unknown = Object.keys(config).filter((name) => !known.has(name))
  return [
    ...unknown.map((name) => `${path}${name}: unknown field`),
    ...entriesOf(fields).flatMap(([name, attributes]) =>
      fieldFaults(attributes, config[name], `${path}${name}`),
    ),
  ]
}

function fieldFaults(attributes: Attributes, value: unknown, path: string): string[] {
  if (value === undefined || value === null) {
    return attributes.required ? [`${path}: required field missing`] : []
  }
  if (!hasType(attributes.type, value)) return [`${path}: expected a ${attributes.type}`]
  return [...boundFaults(attributes, value, path), ...innerFaults(attributes, value, path)]
}

function innerFaults({ fields, elements }: Attributes, value: unknown, path: string): string[] {
  if (fields !== undefined) return schemaFaults(fields, value as Table, `${path}.`)
  if (elements === undefined) return []
  return (value as unknown[]).flatMap((element, at) =>
    fieldFaults({ ...elements, required: true }, element, `${path}[${at + 1}]`),
  )
}

function boundFaults(attributes: Attributes, value: unknown, path: string): string[] {
  const {
    between,
    one_of: words,
    len_min: min = 0,
    len_max: max = Number.POSITIVE_INFINITY,
  } = attributes
  const faults: string[] = []
  if (between !== undefined && (Number(value) < between[0] || Number(value) > between[1])) {
    faults.push(`${path}: value should be between ${between[0]} and ${between[1]}`)
  }
  if (words !== undefined && !words.includes(value)) {
    faults.push(`${path}: expected one of: ${words.join(', ')}`)
  }
  const { length } = typeof value === 'string' || Array.isArray(value) ? value : { length: min }
  if (length < min) faults.push(`${path}: length must be at least ${min}`)
  if (length > max) faults.push(`${path}: length must be at most ${max}`)
  return faults
}

function hasType(type: string, value: unknown): boolean {
  switch (type) {
    case 'record':
    case 'map':
      return typeof value === 'object' && !Array.isArray(value)
    case 'array':
    case 'set':
      return Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

function entriesOf(fields: FieldList): [string, Attributes][] {
  return fields.flatMap((field) => Object.entries(field))
}
