import type { ExitAnswer } from './exchange.ts'

/** The arguments of `kong.response.exit` as an answer: a table becomes JSON, a string stays as it is. */
export function exitAnswer(
  [status, body, headers]: readonly unknown[],
  requestId: string,
): ExitAnswer {
  const isTable = typeof body === 'object' && body !== null
  return {
    status: Number(status),
    body: isTable ? JSON.stringify(body) : String(body ?? ''),
    headers: {
      ...(isTable && { 'content-type': 'application/json; charset=utf-8' }),
      ...lowerCased((headers ?? {}) as Record<string, string | readonly string[]>),
      'x-kong-request-id': requestId,
    },
  }
}

/** Kong's answer when something of its own breaks. */
export function errorAnswer(status: number, message: string, requestId: string): ExitAnswer {
  return exitAnswer([status, { message, request_id: requestId }], requestId)
}

function lowerCased<T>(headers: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  )
}
