import { percentEncoded } from './header-text.ts'
import type { RequestTarget } from './request-target.ts'
import type { RouteMatch } from './router.ts'

/**
 * What the upstream is asked for, as Kong's path handling v0 has it: the service's path, then the
 * normalised path with or without the route's prefix, escaped anew; the query as it came.
 */
export function upstreamUri({ route, prefix }: RouteMatch, target: RequestTarget): string {
  const { path, rawQuery } = target
  const base = route.service.path
  const joined = route.stripPath ? stripped(base, path, prefix) : kept(base, path)
  const escaped = joined.replace(/[^!#$&'()*+,/:;=?@[\]a-z0-9\-_.~%]/gi, percentEncoded)
  return rawQuery === undefined ? escaped : `${escaped}?${rawQuery}`
}

function kept(base: string, path: string): string {
  if (base.endsWith('/')) return base + path.slice(1)
  return path === '/' ? base : base + path
}

function stripped(base: string, path: string, prefix: string): string {
  const rest = path.slice(prefix.length).replace(/^\.\.?(\/|$)/, '')
  const parent = base.endsWith('/') ? base.slice(0, -1) : base
  if (rest !== '') return parent + (rest.startsWith('/') ? rest : `/${rest}`)
  if (base === '/') return base
  if (!path.endsWith('/')) return parent
  return base.endsWith('/') || path === '/' ? base : `${base}/`
}
