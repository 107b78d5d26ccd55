import { fromBytes } from './header-text.ts'

/** An argument without `=` is Lua's `true`. */
type QueryValue = string | true

/**
 * A query as Kong hands it out: every value of every name, at most `max` arguments. A name that comes
 * once and without a value has an empty list.
 */
export function queryLists(query: string, max: number): Record<string, QueryValue[]> {
  const lists: Record<string, QueryValue[]> = {}
  const args = query.split('&').filter((arg) => arg !== '' && !arg.startsWith('='))
  for (const arg of args.slice(0, max)) {
    const equals = arg.indexOf('=')
    const name = decoded(equals < 0 ? arg : arg.slice(0, equals))
    const value = equals < 0 || decoded(arg.slice(equals + 1))
    const values = lists[name]
    if (values === undefined) lists[name] = [value]
    else values.push(value)
  }
  for (const [name, values] of Object.entries(lists)) {
    if (values.length === 1 && values[0] === true) lists[name] = []
  }
  return lists
}

/** nginx leaves an escape that is none as it is. */
function decoded(text: string): string {
  const bytes = text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return fromBytes(bytes)
}
