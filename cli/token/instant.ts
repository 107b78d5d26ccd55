import { InvalidArgumentError } from 'commander'
import { parseRfc3339 } from '../terminal/rfc-3339.ts'

const UNIX_SECONDS = /^\d{1,11}(?:\.\d{1,6})?$/

/** Unix seconds from a number of them or from RFC 3339, as an option of a command. */
export function readInstant(text: string): number {
  if (UNIX_SECONDS.test(text)) return Number(text)
  const ms = parseRfc3339(text)
  if (ms === undefined) throw new InvalidArgumentError('Give Unix seconds or RFC 3339.')
  return ms / 1000
}

/** The same in whole seconds, as claims have it. */
export function readClaimTime(text: string): number {
  return Math.floor(readInstant(text))
}
