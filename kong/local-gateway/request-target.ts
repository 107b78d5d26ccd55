import { normalizePath } from './normalize-path.ts'

/** The target of a request line, in bytes: what was asked for, and what Kong makes of it. */
export interface RequestTarget {
  /** Path and query as they came. */
  readonly raw: string
  readonly rawPath: string
  /** `undefined` without a question mark. */
  readonly rawQuery: string | undefined
  /** Normalised; Kong routes by it. */
  readonly path: string
}

/** Reads a request target; of an absolute one only what follows the authority. */
export function parseTarget(text: string): RequestTarget {
  const raw = text.startsWith('/') ? text : text.replace(/^[a-z]+:\/\/[^/?]*(?=(\/?))/i, rooted)
  const mark = raw.indexOf('?')
  const rawPath = mark < 0 ? raw : raw.slice(0, mark)
  const rawQuery = mark < 0 ? undefined : raw.slice(mark + 1)
  return { raw, rawPath, rawQuery, path: normalizePath(rawPath) }
}

function rooted(_authority: string, slash: string): string {
  return slash === '' ? '/' : ''
}
