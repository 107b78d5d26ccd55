import { pathSegments } from './path-segments.ts'

/** A path with places to fill: `/orders/{id}/items/*`. */
export interface PathTemplate {
  /** The same for templates that match the same paths. */
  readonly shape: string
  /** Sorts the more specific template first, compared as text. */
  readonly rank: string
  matches(segments: readonly string[]): boolean
}

const PARAMETER = /^\{[A-Za-z_][A-Za-z0-9_]*\}$/

/**
 * Compiles a template. `{name}` stands for one segment that is not empty, `*` as the last segment for
 * all that follows, at least one segment, which may be empty: `/files/*` matches `/files/` and
 * `/files/a/b`, not `/files`. Other segments are compared decoded and heed case; a slash at the end
 * counts. Throws `TypeError` that begins with `path`, where the template stands.
 */
export function compilePathTemplate(template: string, path: string): PathTemplate {
  const segments = template.includes('%') ? undefined : pathSegments(template)
  if (segments === undefined) {
    throw new TypeError(
      `${path}: must be a decoded path that begins with "/" and has no "%", ";", "\\", empty, "." or ".." segment`,
    )
  }
  const open = segments.at(-1) === '*'
  const fixed = (open ? segments.slice(0, -1) : segments).map((segment) => {
    if (PARAMETER.test(segment)) return null
    if (!/[{}*]/.test(segment)) return segment
    throw new TypeError(
      `${path}: "${segment}" must be text, "{name}" as a whole segment, or "*" as the last one`,
    )
  })
  return {
    shape: `/${[...fixed.map((text) => text ?? '{}'), ...(open ? ['*'] : [])].join('/')}`,
    // One letter per segment, from the left: text before parameter before the end before star.
    rank: `${fixed.map((text) => (text === null ? 'b' : 'a')).join('')}${open ? 'd' : 'c'}`,
    matches: (asked) =>
      (open ? asked.length > fixed.length : asked.length === fixed.length) &&
      fixed.every((text, at) => (text === null ? asked[at] !== '' : asked[at] === text)),
  }
}
