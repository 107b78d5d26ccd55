import type { Path } from '../entities/kong-document.ts'

/** The field that a phrase such as `issuers[0].jwks: has no key` begins with. */
export interface NamedField {
  readonly field: string
  readonly message: string
}

/** Parts a phrase from the path it begins with. */
export function namedField(phrase: string): NamedField {
  const at = phrase.indexOf(': ')
  if (at < 0) return { field: '', message: phrase }
  return { field: phrase.slice(0, at), message: phrase.slice(at + 2) }
}

/** `issuers[0].jwks` as keys and indexes. */
export function segmentsOf(field: string): Path {
  return [...field.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([name, index]) =>
    index === undefined ? name : Number(index),
  )
}
