import { isJsonObject } from '../../lib/token/members.ts'

/** Finds one claim of an identity token as text; `undefined` where there is none of a plain type. */
export type ClaimReader = (claims: unknown) => string | undefined

const NAME = /^[A-Za-z0-9_:.-]+$/
const POINTER = /^(?:\/(?:[^~/]|~[01])+)+$/

/**
 * Reads the claim of this name, or at this JSON pointer: `/kubernetes.io/namespace`. Strings, whole
 * numbers and booleans have a text; lists, objects and the empty string have none. Throws `TypeError`
 * for a text that is neither. RFC 6901, 3.
 */
export function claimReader(text: string): ClaimReader {
  if (!NAME.test(text) && !POINTER.test(text)) {
    throw new TypeError(`"${text}" is neither the name of a claim nor a JSON pointer`)
  }
  const path = text.startsWith('/')
    ? text
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    : [text]
  return (claims) => textOf(path.reduce(member, claims))
}

function member(value: unknown, name: string): unknown {
  // Own members only: no claim is called "constructor" unless the token says so.
  return isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  if (typeof value === 'boolean' || Number.isSafeInteger(value)) return String(value)
  return undefined
}
