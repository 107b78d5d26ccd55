import { compatibleForm } from './segment-likeness.ts'

/** RFC 3986, 3.3: `pchar`, and `/` between segments. All else only reaches us from who tries. */
const RAW_PATH = /^(?:\/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)+$/

/**
 * What a segment must not hold once it is decoded. `/` and `\` are separators to some upstream, `;`
 * starts parameters that servlet containers cut off, `#` and `?` end the path of one that decodes
 * before it parses, `%` would be decoded a second time, controls end strings early.
 */
const CROSSES_SEGMENTS = /[/\\;#?%\p{Cc}]/u
/** Slashes for fractions and division, which a conversion to another character set makes a plain one. */
const SLASH_ELSEWHERE = /[\u2044\u2215]/
/** Every reader takes these for what they are. */
const ASCII = /^[\x20-\x7e]*$/

/** White space that a reader trims, and dots that lead elsewhere: two everywhere, more on some disks. */
const EDGE_SPACE = /^[\s\p{Z}]|[\s\p{Z}]$/u
const ONLY_DOTS = /^[.\s\p{Z}]+$/u

/**
 * The decoded segments of a raw request path, or `undefined` when gateway and upstream might read it
 * differently. What may stand there is listed, and nothing is repaired: a path that is not of
 * RFC 3986's characters, with a dot segment, an empty segment before the last, broken encoding or an
 * encoded separator is not read at all, however harmless its repaired form looks.
 */
export function pathSegments(rawPath: string): readonly string[] | undefined {
  if (!RAW_PATH.test(rawPath)) return undefined
  const segments = rawPath.slice(1).split('/').map(decodeSegment)
  const last = segments.length - 1
  return segments.every((segment, at): segment is string => {
    return segment !== undefined && (segment === '' ? at === last : isPlainSegment(segment))
  })
    ? segments
    : undefined
}

/**
 * Whether a decoded segment, not an empty one, is one that every reader takes for the same, also a reader that
 * takes a full-width slash for a slash and drops invisible characters.
 */
export function isPlainSegment(segment: string): boolean {
  if (!isPlainAsRead(segment)) return false
  if (ASCII.test(segment)) return true
  return !SLASH_ELSEWHERE.test(segment) && isPlainAsRead(compatibleForm(segment))
}

function isPlainAsRead(segment: string): boolean {
  return (
    segment !== '' &&
    !CROSSES_SEGMENTS.test(segment) &&
    !EDGE_SPACE.test(segment) &&
    !ONLY_DOTS.test(segment)
  )
}

function decodeSegment(raw: string): string | undefined {
  if (!raw.includes('%')) return raw
  try {
    return decodeURIComponent(raw)
  } catch {
    return undefined // Incomplete, overlong, or not UTF-8 for another reason.
  }
}
