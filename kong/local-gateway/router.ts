import type { Route } from './entities.ts'

export interface RouteQuery {
  readonly method: string
  /** Without a port. */
  readonly host: string
  /** Normalised. */
  readonly path: string
}

export interface RouteMatch {
  readonly route: Route
  /** The path of the route that the request begins with; `/` for a route without paths. */
  readonly prefix: string
}

interface Row extends RouteMatch {
  /** How many kinds of conditions the route has. */
  readonly weight: number
}

/** Kong's order of routes: more kinds of conditions first, then host names, then longer prefixes. */
export class Router {
  readonly #rows: readonly Row[]

  constructor(routes: readonly Route[]) {
    this.#rows = routes.flatMap(rowsOf).sort(byPrecedence)
  }

  /** The route for a request, or `undefined` for Kong's 404. */
  find({ method, host, path }: RouteQuery): RouteMatch | undefined {
    return this.#rows.find(
      ({ route: { methods, hosts }, prefix }) =>
        path.startsWith(prefix) &&
        (methods.length === 0 || methods.includes(method)) &&
        (hosts.length === 0 || hosts.includes(host)),
    )
  }
}

function rowsOf(route: Route): Row[] {
  const weight = [route.paths, route.methods, route.hosts].filter(({ length }) => length > 0).length
  const prefixes = route.paths.length > 0 ? route.paths : ['/']
  return prefixes.map((prefix) => ({ route, prefix, weight }))
}

function byPrecedence(a: Row, b: Row): number {
  const hosts = ({ route }: Row) => Number(route.hosts.length > 0)
  return b.weight - a.weight || hosts(b) - hosts(a) || b.prefix.length - a.prefix.length
}
