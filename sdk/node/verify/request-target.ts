import type { RequestLine } from '../../../lib/call.ts'

/** The request line of a request-target as it was sent, in origin or absolute form. RFC 9112, 3.2. */
export function requestLineOf(method: string, target: string): RequestLine {
  const origin = originForm(target)
  const query = origin.indexOf('?')
  if (query < 0) return { method, rawPath: origin, rawQuery: '' }
  return { method, rawPath: origin.slice(0, query), rawQuery: origin.slice(query + 1) }
}

function originForm(target: string): string {
  const [, rest] = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*(.*)$/s.exec(target) ?? []
  if (rest === undefined) return target
  return rest.startsWith('/') ? rest : `/${rest}`
}
