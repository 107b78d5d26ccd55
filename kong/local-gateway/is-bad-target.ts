import type { RequestTarget } from './request-target.ts'

const CONTROL = /[^\x20-\x7e\x80-\xff]/

/**
 * Whether nginx answers 400 to this target, before any plugin: a path with a control character, an escape
 * that is none, `%00`, or dot segments that lead above the root. nginx decodes every escape for that,
 * `%2F` and `%2E` among them. Run on a Kong 3.9.3.
 */
export function isBadTarget({ raw, rawPath }: RequestTarget): boolean {
  if (!rawPath.startsWith('/') || CONTROL.test(raw)) return true
  const [path = ''] = rawPath.split('#', 1)
  return /%(?![0-9a-f]{2})|%00/i.test(path) || leavesRoot(decoded(path))
}

function leavesRoot(path: string): boolean {
  let depth = 0
  for (const segment of path.split('/')) {
    if (segment === '..') depth -= 1
    else if (segment !== '' && segment !== '.') depth += 1
    if (depth < 0) return true
  }
  return false
}

function decoded(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}
