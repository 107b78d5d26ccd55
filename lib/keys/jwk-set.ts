import { errorMessage } from '../error-message.ts'
import { isJsonObject } from '../token/members.ts'
import { parseStrictJson } from '../token/strict-json.ts'
import { readJwk } from './jwk.ts'
import type { KeyLookup } from './key-source.ts'

/** Far above any rotation; bounds the work one document can cause. */
export const MAX_KEYS = 100

/** What a good document says: the usable keys, and why each of the others was dropped. */
export interface JwkSet {
  /** Ready-made answers by `kid`, so that a lookup allocates nothing. */
  readonly keys: ReadonlyMap<string, KeyLookup>
  readonly dropped: readonly string[]
}

/** Reads a document as fetched or configured. Throws `TypeError` when the whole of it is unusable. */
export function parseJwkSet(text: Uint8Array | string): JwkSet {
  let value: unknown
  try {
    value = parseStrictJson(text)
  } catch {
    // Not the parser's message: it quotes the text, which may hold what was pasted by mistake.
    throw new TypeError('is not JSON in UTF-8 with unique member names')
  }
  return readJwkSet(value)
}

/**
 * Imports the keys of one document. An unusable key is dropped alone; a set without usable keys is a
 * good document, because that is how an issuer withdraws all of them. Throws `TypeError` when
 * it is no JWK set, is too large, or gives two entries one `kid`: which was meant, only the
 * sender of the next token would decide. RFC 7517, 5; spec 5.2.
 */
export function readJwkSet(value: unknown): JwkSet {
  const entries = entriesOf(value)
  const keys = new Map<string, KeyLookup>()
  const dropped: string[] = []
  for (const [index, entry] of entries.entries()) {
    try {
      const key = readJwk(entry)
      keys.set(key.kid, { found: 'key', key })
    } catch (fault) {
      dropped.push(`keys[${index}] ${errorMessage(fault)}`)
    }
  }
  return { keys, dropped }
}

function entriesOf(value: unknown): readonly unknown[] {
  if (!isJsonObject(value)) throw new TypeError('is not a JSON object')
  const entries = value['keys']
  if (!Array.isArray(entries)) throw new TypeError('has no list "keys"')
  if (entries.length > MAX_KEYS) throw new TypeError(`has more than ${MAX_KEYS} keys`)
  const kids = new Set<string>()
  for (const entry of entries) {
    const kid: unknown = isJsonObject(entry) ? entry['kid'] : undefined
    if (typeof kid !== 'string') continue
    if (kids.has(kid)) throw new TypeError('gives one kid to two keys')
    kids.add(kid)
  }
  return entries
}
