import { toBytes } from './header-text.ts'
import { LuaError } from './lua-error.ts'

/**
 * What a plugin gave as the value of one header, as Kong sends it: none, one or several. An empty list
 * is none and removes the header, and so is a mapping, which has no list part in Lua; an empty text is one
 * space. Throws `LuaError` for any other type.
 */
export function headerValues(name: string, value: unknown): string[] {
  if (Array.isArray(value)) return value.map((item) => sent(name, item))
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)]
  if (typeof value === 'object' && value !== null) return []
  return [sent(name, value)]
}

function sent(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new LuaError(`invalid header value for "${name}"`)
  return value === '' ? ' ' : toBytes(value)
}
