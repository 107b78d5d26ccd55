import { isPlainSegment } from './path-segments.ts'
import { foldSegment, isLike } from './segment-likeness.ts'

/** A path with places to fill: `/orders/{id}/items/*`. */
export interface PathTemplate {
  /** The same for templates that match the same paths. */
  readonly shape: string
  /** Sorts the more specific template first, compared as text. */
  readonly rank: string
  matches(path: ReadPath): boolean
  /** Whether a reader less exact than we are may take the path for one that matches. */
  resembles(path: ReadPath): boolean
}

/** A path taken apart. */
export interface ReadPath {
  /** Decoded. The last is empty where the path ends in a slash. */
  readonly segments: readonly string[]
  readonly folded: readonly string[]
}

/** Makes a path of its decoded segments. */
export function readPath(segments: readonly string[]): ReadPath {
  return { segments, folded: segments.map(foldSegment) }
}

/** What a template asks of one segment; `null` where any will do that is not empty. */
type Wanted = string | null

const PARAMETER = /^\{[A-Za-z_][A-Za-z0-9_]*\}$/

/**
 * Compiles a template. `{name}` stands for one segment that is not empty, `*` as the last segment for
 * all that follows, at least one segment, which may be empty: `/files/*` matches `/files/` and
 * `/files/a/b`, not `/files`. Other segments are compared decoded and heed case; a slash at the end
 * counts. Throws `TypeError` that begins with `path`, where the template stands.
 */
export function compilePathTemplate(template: string, path: string): PathTemplate {
  const segments = segmentsOf(template, path)
  const open = segments.at(-1) === '*'
  const fixed = (open ? segments.slice(0, -1) : segments).map((segment) => {
    if (PARAMETER.test(segment)) return null
    if (!/[{}*]/.test(segment)) return segment
    throw new TypeError(
      `${path}: "${segment}" must be text, "{name}" as a whole segment, or "*" as the last one`,
    )
  })
  const wanted = fixed.map((text) => (text === null ? null : foldSegment(text)))
  return {
    shape: `/${[...fixed.map((text) => text ?? '{}'), ...(open ? ['*'] : [])].join('/')}`,
    // One letter per segment, from the left: text before parameter before the end before star.
    rank: `${fixed.map((text) => (text === null ? 'b' : 'a')).join('')}${open ? 'd' : 'c'}`,
    matches: ({ segments: asked }) =>
      (open ? asked.length > fixed.length : asked.length === fixed.length) &&
      fixed.every((text, at) => (text === null ? asked[at] !== '' : asked[at] === text)),
    resembles: (asked) =>
      open
        ? asked.segments.length > fixed.length && beginsLike(asked, wanted)
        : isWholeLike(asked, wanted),
  }
}

function beginsLike({ segments, folded }: ReadPath, wanted: readonly Wanted[]): boolean {
  return wanted.every((text, at) => {
    const found = folded[at]
    return text === null ? segments[at] !== '' : found !== undefined && isLike(found, text)
  })
}

/** A path without a slash at its end may be taken for a template that has one. */
function isWholeLike(path: ReadPath, wanted: readonly Wanted[]): boolean {
  const { segments } = path
  const bare = segments.at(-1) !== '' && wanted.at(-1) === '' ? wanted.slice(0, -1) : wanted
  return segments.length === bare.length && beginsLike(path, bare)
}

function segmentsOf(template: string, path: string): readonly string[] {
  const segments = template.slice(1).split('/')
  const last = segments.length - 1
  const plain = segments.every((segment, at) => {
    return isPlainSegment(segment) || (segment === '' && at === last)
  })
  if (template.startsWith('/') && plain) return segments
  throw new TypeError(
    `${path}: must be a decoded path that begins with "/", without any of % ; # ? \\ and without segments that are empty, only dots, or begin or end with a space`,
  )
}
