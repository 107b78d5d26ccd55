import type { ExitAnswer } from './exchange.ts'
import { toName } from './header-text.ts'
import { headerValues } from './header-values.ts'
import { LuaError } from './lua-error.ts'

/**
 * The arguments of `kong.response.exit` as an answer: a table becomes JSON, a text stays as it is.
 * Throws `LuaError` for arguments that Kong refuses.
 */
export function exitAnswer(
  [status, body, headers]: readonly unknown[],
  requestId: string,
): ExitAnswer {
  if (typeof status !== 'number' || status < 100 || status > 599) {
    throw new LuaError('code must be a number between 100 and 599')
  }
  const isTable = typeof body === 'object' && body !== null
  if (!isTable && typeof body !== 'string' && body !== null && body !== undefined) {
    throw new LuaError('body must be a nil, string or table')
  }
  return {
    status,
    body: isTable ? JSON.stringify(body, emptyTables) : (body ?? ''),
    headers: {
      ...(isTable && { 'content-type': 'application/json; charset=utf-8' }),
      ...given(headers),
      server: 'kong/3.9.3',
      'x-kong-request-id': requestId,
    },
  }
}

/** Kong's answer when something of its own breaks. */
export function errorAnswer(status: number, message: string, requestId: string): ExitAnswer {
  const body = `{\n  "message":"${message}",\n  "request_id":"${requestId}"\n}`
  const headers = { 'content-type': 'application/json; charset=utf-8' }
  return exitAnswer([status, body, headers], requestId)
}

/** Lua has one empty table, and its JSON is `{}`. */
function emptyTables(_: string, value: unknown): unknown {
  return Array.isArray(value) && value.length === 0 ? {} : value
}

function given(headers: unknown): Record<string, string | readonly string[]> {
  if (headers === null || headers === undefined) return {}
  if (typeof headers !== 'object') throw new LuaError('headers must be a nil or table')
  return Object.fromEntries(
    Object.entries(headers)
      .map(([name, value]) => [toName(name), headerValues(name, value)] as const)
      .filter(([name, values]) => values.length > 0 && name !== 'transfer-encoding')
      .map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  )
}
