import rows from './rows.json'

type Field = readonly [name: string, value: string]

/** One request through the guard; `about` in `rows.json` says what each member is. */
export interface Row {
  readonly name: string
  readonly form: 'global' | 'scoped'
  readonly last: 'global' | 'scoped'
  readonly first: boolean
  readonly client: readonly Field[]
  readonly fill: number
  readonly hidden: readonly Field[]
  readonly plugin: readonly Field[]
  readonly applies: boolean | undefined
  /** Of Kong's context; only the Lua environment reads it. */
  readonly context: Readonly<Record<string, unknown>>
  readonly expect: {
    readonly outcome: 'pass' | 400 | 503
    readonly upstream?: string
    readonly log?: string
  }
}

/** What came of a row, as far as Lua and TypeScript must agree. */
export interface Outcome {
  readonly outcome: 'pass' | number
  /** Names of our headers that would reach the upstream. */
  readonly upstream: string
  readonly error: string
  readonly message: string
  readonly fix: string
  readonly retryAfter: string
  readonly cacheControl: string
}

const CONTEXT = {
  route: { id: 'r-1', service: { id: 's-1' } },
  service: { id: 's-1' },
  entities: { 'post-function': ['::'], oathmesh: ['r-1::'] },
}

const KNOWN = [
  ...['name', 'form', 'last', 'first', 'client', 'fill', 'hidden', 'plugin', 'applies', 'expect'],
  ...['route', 'service', 'consumer', 'groups', 'entities', 'ctx', 'without'],
]

/** The rows with their defaults. Throws for a member it does not know: a typo must not pass a test. */
export const ROWS: readonly Row[] = rows.cases.map((given) => {
  const unknown = Object.keys(given).filter((key) => !KNOWN.includes(key))
  if (unknown.length > 0) throw new TypeError(`${given.name}: unknown member ${unknown.join(', ')}`)
  const { route, service, consumer, groups, entities, ctx, without, ...row } = given as Partial<
    Omit<Row, 'context'>
  > &
    Record<string, unknown> &
    Pick<Row, 'name' | 'expect'>
  const context = { route, service, consumer, groups, entities, ctx, without }
  const changes = Object.entries(context).filter(([, value]) => value !== undefined)
  const form = row.form ?? 'global'
  return {
    first: true,
    client: [],
    fill: 0,
    hidden: [],
    plugin: [],
    applies: undefined,
    ...row,
    form,
    last: row.last ?? form,
    context: { ...CONTEXT, ...Object.fromEntries(changes) },
  }
})
