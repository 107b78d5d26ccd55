/** A second decoding, which some upstream might do, would read something else. */
const ENCODED_TWICE = /%[0-9A-Fa-f]{2}/

/**
 * What a segment must not contain once it is decoded: `/` and `\` are separators to some upstream,
 * `;` starts parameters that servlet containers cut off, controls end strings early.
 */
const CROSSES_SEGMENTS = /[/\\;\p{Cc}]/u

/**
 * The decoded segments of a raw request path, or `undefined` when gateway and upstream might read it
 * differently. Nothing is repaired: a path with `.` or `..`, an empty segment before the last, an
 * encoded separator or broken encoding is not read at all, however harmless its repaired form looks.
 * Clients send no such paths unless someone tries to cross from one route to another.
 */
export function pathSegments(rawPath: string): readonly string[] | undefined {
  if (!rawPath.startsWith('/')) return undefined
  const segments = rawPath.slice(1).split('/').map(decodeSegment)
  const last = segments.length - 1
  return segments.every((segment, at): segment is string => isSafe(segment, at === last))
    ? segments
    : undefined
}

function decodeSegment(raw: string): string | undefined {
  if (!raw.includes('%')) return raw
  try {
    return decodeURIComponent(raw)
  } catch {
    return undefined // Incomplete, or not UTF-8.
  }
}

function isSafe(segment: string | undefined, last: boolean): boolean {
  if (segment === undefined || segment === '.' || segment === '..') return false
  if (segment === '') return last
  return !CROSSES_SEGMENTS.test(segment) && !ENCODED_TWICE.test(segment)
}
