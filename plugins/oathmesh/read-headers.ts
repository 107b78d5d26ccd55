import { deny, type HeaderLists } from '../../lib/index.ts'
import type { Kong } from './kong.ts'

/** What Kong reads at most; beyond it headers stay unseen. Kong's own ceiling. */
const MAX_HEADERS = 1000

/**
 * Reads the headers of the request. Rejects when Kong gives none at all, or something else: "no headers" would
 * let what cannot be seen pass. Denies when there may be more than Kong shows.
 */
export async function readHeaders(kong: Kong): Promise<HeaderLists> {
  const headers = listsOf(await kong.request.get_headers(MAX_HEADERS))
  let count = 0
  for (const name of Object.keys(headers)) count += headers[name]?.length ?? 0
  // A spoofed identity header may hide behind the last one that is shown.
  if (count >= MAX_HEADERS) deny('too_many_headers')
  return headers
}

function listsOf(answer: unknown): HeaderLists {
  if (typeof answer !== 'object' || answer === null) {
    throw new TypeError(`kong.request.get_headers gave ${answer === null ? 'null' : typeof answer}`)
  }
  // Lua does not tell an empty list from an empty mapping.
  if (Array.isArray(answer) && answer.length > 0) throw new TypeError('headers without names')
  // Without a prototype that a header could be called after.
  const lists: Record<string, readonly string[]> = Object.create(null)
  for (const [name, value] of Object.entries(answer)) lists[name.toLowerCase()] = textsOf(value)
  return lists
}

function textsOf(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (!areTexts(values)) throw new TypeError('a header value that is no text')
  return values
}

function areTexts(values: readonly unknown[]): values is readonly string[] {
  return values.every((value) => typeof value === 'string')
}
