import type { HeaderLists } from '../../../lib/index.ts'

/** The headers of a request as the core takes them. A header may be named `__proto__`. */
export function headerLists(pairs: Iterable<readonly [string, string]>): HeaderLists {
  const lists: Record<string, string[]> = Object.create(null)
  for (const [name, value] of pairs) {
    // HTTP/2 gives the request line as headers.
    if (name.startsWith(':')) continue
    const key = name.toLowerCase()
    const list = lists[key]
    if (list === undefined) lists[key] = [value]
    else list.push(value)
  }
  return lists
}
