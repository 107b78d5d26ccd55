import { InvalidArgumentError } from 'commander'

const UNIX_SECONDS = /^\d{1,11}(?:\.\d{1,6})?$/
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/

/** Unix seconds from a number of them or from RFC 3339, as an option of a command. */
export function readInstant(text: string): number {
  if (UNIX_SECONDS.test(text)) return Number(text)
  const ms = RFC_3339.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Give Unix seconds or RFC 3339.')
  return ms / 1000
}

/** The same in whole seconds, as claims have it. */
export function readClaimTime(text: string): number {
  return Math.floor(readInstant(text))
}
