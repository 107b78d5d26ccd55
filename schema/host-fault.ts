import { isIP } from 'node:net'

const MAX_LENGTH = 253
/** An underscore is no part of a host name, but containers have it in theirs. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i
/** Ends as an IPv4 address does. Resolvers differ on what such a name means: 127.1, 0x7f.1, 010.0.0.1. */
const NUMERIC_END = /(?:^|\.)(?:\d+|0x[0-9a-f]*)$/i

/** What is often written for a host, and what to write instead; the first that fits is meant. */
const MISTAKES: readonly (readonly [mistake: RegExp, instead: string])[] = [
  [/\s/, 'must be without spaces'],
  [/:\/\//, 'must be a host and not a URL: write its host here, and its port in `port`'],
  [/@/, 'must be without user info: write the host alone'],
  [/[/\\?#]/, 'must be a host without a path'],
  [/^\[[^\]]*\]:\d+$/, 'must be without brackets and port: write ::1 here, and the port in `port`'],
  [/[[\]]/, 'must be without brackets: write an IPv6 address as ::1'],
  [/^[^:]*:\d*$/, 'must be without a port: write it in `port`'],
  [/:/, 'must be a host name or an address; this is no IPv6 address'],
  [/\.$/, 'must be without the dot at its end'],
  [/[^\x21-\x7e]/, 'must be in ASCII: write an international name in its xn-- form'],
  [/\*/, 'must be one host, without wildcard'],
  [NUMERIC_END, 'must be a host name or an address; an IPv4 address is four decimal numbers'],
]

/**
 * What is wrong with the text of a host field, and what to write instead; undefined for a host name or
 * an IP address. Shows nothing of the text.
 */
export function hostFault(text: string): string | undefined {
  if (isIP(text) !== 0) return undefined
  const [, instead] = MISTAKES.find(([mistake]) => mistake.test(text)) ?? []
  if (instead !== undefined) return instead
  if (text.length <= MAX_LENGTH && text.split('.').every((label) => LABEL.test(label))) {
    return undefined
  }
  return 'must be a host name, such as redis.internal, or an IP address'
}
