import type { IncomingMessage } from 'node:http'
import type { PassAnswer } from '../../../lib/index.ts'

type Changes = Pick<PassAnswer, 'set' | 'remove'>

/** Applies the changes of a passing call to a request, in every form in which Node.js gives its headers. */
export function rewriteHeaders(request: IncomingMessage, { set, remove }: Changes): void {
  const gone = new Set([...remove, ...Object.keys(set)].map((name) => name.toLowerCase()))
  const added = Object.entries(set).map(([name, value]) => {
    return [name, typeof value === 'string' ? [value] : value] as const
  })
  // The two that Node.js makes of the raw ones when first asked, and keeps.
  const { headers, headersDistinct, rawHeaders } = request
  for (const name of gone) {
    delete headers[name]
    delete headersDistinct?.[name]
  }
  for (const [name, values] of added) {
    headers[name.toLowerCase()] = values.join(', ')
    if (headersDistinct !== undefined) headersDistinct[name.toLowerCase()] = [...values]
  }
  const kept = pairsOf(rawHeaders).filter(([name]) => !gone.has(name.toLowerCase()))
  const written = added.flatMap(([name, values]) => values.map((value) => [name, value] as const))
  rawHeaders.splice(0, rawHeaders.length, ...[...kept, ...written].flat())
}

/** Name and value of each header line, in order of arrival. */
export function pairsOf(rawHeaders: readonly string[]): readonly (readonly [string, string])[] {
  return Array.from({ length: rawHeaders.length / 2 }, (_, at) => {
    return [rawHeaders[2 * at] ?? '', rawHeaders[2 * at + 1] ?? ''] as const
  })
}
