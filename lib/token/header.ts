import { Members } from './members.ts'

/** The members of a JOSE header that verification looks at. RFC 7515, 4.1. */
export interface Header {
  readonly typ?: string
  readonly alg?: string
  readonly kid?: string
  /** Whether `crit` is there in any form. */
  readonly critical: boolean
}

/**
 * Shapes a decoded header. Embedded keys (`jwk`, `jku`, `x5c`, `x5u`) are never read.
 * Throws `TypeError` for a member of another type. Spec 1.2.
 */
export function readHeader(value: unknown): Header {
  const members = new Members(value)
  const typ = members.string('typ')
  const alg = members.string('alg')
  const kid = members.string('kid')
  return {
    ...(typ !== undefined && { typ }),
    ...(alg !== undefined && { alg }),
    ...(kid !== undefined && { kid }),
    critical: members.has('crit'),
  }
}
