import type { Exchange, HeaderMap } from './exchange.ts'
import { fromBytes, toName } from './header-text.ts'
import { headerValues } from './header-values.ts'
import { LuaError } from './lua-error.ts'

const DEFAULT_MAX = 100
const UPPER_MAX = 1000

/** `kong.request.get_headers(max)`: every value of every header, up to `max` values together. */
export function getHeaders(headers: HeaderMap, max: unknown): Record<string, string[]> {
  const limit = max ?? DEFAULT_MAX
  if (typeof limit !== 'number' || limit < 1 || limit > UPPER_MAX) {
    throw new LuaError(`max_headers must be a number from 1 to ${UPPER_MAX}`)
  }
  const shown: Record<string, string[]> = {}
  let left = limit
  for (const [name, values] of headers) {
    if (left <= 0) break
    shown[name] = values.slice(0, left).map(fromBytes)
    left -= values.length
  }
  return shown
}

/** `kong.request.get_header(name)`: the first value; `-` and `_` in names are the same. */
export function getHeader(headers: HeaderMap, name: unknown): string | undefined {
  if (typeof name !== 'string') throw new LuaError('header name must be a string')
  const folded = foldedName(name)
  for (const [key, values] of headers) {
    if (foldedName(key) === folded)
      return values[0] === undefined ? undefined : fromBytes(values[0])
  }
  return undefined
}

/** `kong.service.request.set_headers(headers)`: each replaces, an empty list removes. */
export function setHeaders({ headers }: Exchange, changes: unknown): void {
  if (typeof changes !== 'object' || changes === null) {
    throw new LuaError('headers must be a table')
  }
  // Kong looks at all of them before it sets the first.
  const checked = Object.entries(changes).map(
    ([name, value]) => [toName(name), headerValues(name, value)] as const,
  )
  // Kong goes through them in no particular order; what depends on it would work here and fail there.
  if (new Set(checked.map(([name]) => name)).size < checked.length) {
    throw new LuaError('headers that differ in letter case alone have no order')
  }
  for (const [name, values] of checked) {
    if (values.length === 0) headers.delete(name)
    else headers.set(name, values)
  }
}

/** `kong.service.request.set_header(name, value)`. */
export function setHeader(exchange: Exchange, name: unknown, value: unknown): void {
  if (typeof name !== 'string') throw new LuaError('header name must be a string')
  setHeaders(exchange, { [name]: value })
}

/** `kong.service.request.add_header(name, value)`. */
export function addHeader({ headers }: Exchange, name: unknown, value: unknown): void {
  if (typeof name !== 'string') throw new LuaError('header name must be a string')
  const key = toName(name)
  headers.set(key, [...(headers.get(key) ?? []), ...headerValues(name, value)])
}

/** `kong.service.request.clear_header(name)`. */
export function clearHeader({ headers }: Exchange, name: unknown): void {
  if (typeof name !== 'string') throw new LuaError('header must be a string')
  headers.delete(toName(name))
}

function foldedName(name: string): string {
  return name.toLowerCase().replaceAll('_', '-')
}
