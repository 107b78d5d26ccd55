import type { RequestLine } from '../call.ts'
import type { Claims } from '../token/claims.ts'
import { compileAction, type Demand, type RequiredRoute, RouteTable } from './route-table.ts'

/** What a token must declare for the request it is sent with, as the operator configures it (W-23). */
export interface RequireSettings {
  /** Glob that `act` must match; with `routes`, of requests that no route lists. */
  readonly action?: string | undefined
  /** Scopes that every token must carry. */
  readonly scopes?: readonly string[] | undefined
  readonly routes?: readonly RequiredRoute[] | undefined
}

export interface Requirements {
  /** Whether `check` looks at the request line, which costs the gateway a round trip. */
  readonly needsRequestLine: boolean
  check(
    claims: Claims,
    line?: Pick<RequestLine, 'method' | 'rawPath'>,
  ): 'ok' | 'action_mismatch' | 'scope_missing'
}

/**
 * Compiles what requests require.
 *
 * Where there are routes, a request that none of them lists needs `action`, and without `action` is
 * refused as `action_mismatch`; so is one whose path is ambiguous (`pathSegments`), whatever `action`
 * says. `path` is where the settings stand. Throws `TypeError` that begins with the path of the fault.
 */
export function compileRequirements(settings: RequireSettings, path = 'require'): Requirements {
  const { action, routes = [], scopes: common = [] } = settings
  const otherwise: Demand | undefined =
    action === undefined ? undefined : { fits: compileAction(action, `${path}.action`), scopes: [] }
  const table = new RouteTable(routes, otherwise, `${path}.routes`)
  const needsRequestLine = routes.length > 0
  const everyRequest = otherwise === undefined ? [] : [otherwise]
  const demandsFor = (line: Pick<RequestLine, 'method' | 'rawPath'> | undefined) => {
    if (!needsRequestLine) return everyRequest
    return line && table.demands(line)
  }

  const asksNothing = !needsRequestLine && otherwise === undefined && common.length === 0

  return {
    needsRequestLine,
    check(claims, line) {
      if (asksNothing) return 'ok'
      const demands = demandsFor(line)
      if (demands === undefined) return 'action_mismatch'
      if (!demands.every(({ fits }) => fits(claims.act))) return 'action_mismatch'
      const { scope = [] } = claims
      const has = (wanted: string) => scope.includes(wanted)
      return common.every(has) && demands.every(({ scopes }) => scopes.every(has))
        ? 'ok'
        : 'scope_missing'
    },
  }
}
