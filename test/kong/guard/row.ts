import { ROWS } from './rows.ts'

type Form = 'global' | 'scoped'
type LastForm = Form | 'closed'
type Field = readonly [name: string, value: string]

/** One request through the guard, as a row of the table gives it. */
export interface GivenRow extends Partial<KongContext> {
  readonly name: string
  /** Of both functions; `global` when absent. */
  readonly form?: Form
  /** Of the last function where it is another one. */
  readonly last?: LastForm
  /** False where a pre-function of the route's own hides the first function. */
  readonly first?: false
  /** Header fields as the client sends them. */
  readonly client?: readonly Field[]
  /** So many more, each of its own name. */
  readonly fill?: number
  /** So many more of one name. */
  readonly repeat?: number
  /** Sent after all of those. */
  readonly hidden?: readonly Field[]
  /** What the plugin sets. */
  readonly plugin?: readonly Field[]
  /**
   * Whether an oathmesh entity applies. Absent where the row is about Kong's own table of plugins,
   * which the local gateway does not have.
   */
  readonly applies?: boolean
  readonly expect: {
    readonly outcome: 'pass' | 400 | 503
    /** Names like ours among the headers that are left for the upstream. */
    readonly upstream?: string
    /** Words of the line in Kong's log. */
    readonly log?: string
  }
}

/** What Kong keeps in `ngx.ctx`, in short. Only the Lua environment reads it. */
export interface KongContext {
  readonly route: object
  readonly service: object | null
  readonly consumer: object
  readonly groups: readonly object[]
  /** Plugin to the keys of its entities, or to something that Kong would never have there. */
  readonly entities: Readonly<Record<string, readonly string[] | string | boolean>>
  /** Set in `ngx.ctx` at the end. */
  readonly ctx: object
  /** Taken out of `ngx.ctx` at the very end: `plugins.ws`. */
  readonly without: string
}

/** A row with its defaults. */
export interface Row extends Omit<Required<GivenRow>, 'first' | 'applies' | keyof KongContext> {
  readonly first: boolean
  readonly applies: boolean | undefined
  readonly context: Partial<KongContext>
}

/** What came of a row, as far as Lua and TypeScript must agree. */
export interface Outcome {
  readonly outcome: 'pass' | number
  /** Names like ours of headers that would reach the upstream. */
  readonly upstream: string
  readonly error: string
  readonly message: string
  readonly fix: string
  readonly retryAfter: string
  readonly cacheControl: string
}

const CONTEXT: Partial<KongContext> = {
  route: { id: 'r-1', service: { id: 's-1' } },
  service: { id: 's-1' },
  entities: { 'post-function': ['::'], oathmesh: ['r-1::'] },
}

/** All rows, complete. */
export const COMPLETE_ROWS: readonly Row[] = ROWS.map(complete)

function complete(given: GivenRow): Row {
  const { form = 'global', last = form, first = true, applies, expect, name } = given
  const { client = [], fill = 0, repeat = 0, hidden = [], plugin = [] } = given
  const fields = { client, fill, repeat, hidden, plugin }
  return { name, form, last, first, applies, expect, ...fields, context: { ...CONTEXT, ...given } }
}
