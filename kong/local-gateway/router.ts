import type { Route } from './declarative-config.ts'

export interface RouteQuery {
  readonly method: string
  /** Without a port. */
  readonly host: string
  /** Normalised. */
  readonly path: string
}

/** The route for a request: the longest path that prefixes it, among those that take its host and method. */
export function findRoute(
  routes: readonly Route[],
  { method, host, path }: RouteQuery,
): { route: Route; prefix: string } | undefined {
  let best: { route: Route; prefix: string } | undefined
  for (const route of routes) {
    if (route.methods?.includes(method) === false || route.hosts?.includes(host) === false) continue
    for (const prefix of route.paths) {
      if (path.startsWith(prefix) && prefix.length > (best?.prefix.length ?? -1)) {
        best = { route, prefix }
      }
    }
  }
  return best
}

/** The path the upstream is asked for: raw, the route's prefix stripped where the route says so. */
export function upstreamTarget(route: Route, prefix: string, target: string): string {
  const rest = route.stripPath && target.startsWith(prefix) ? target.slice(prefix.length) : target
  const base = route.service.path.replace(/\/$/, '')
  return base + (rest.startsWith('/') ? rest : `/${rest}`)
}
