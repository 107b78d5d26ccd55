import type { RequestLine } from '../call.ts'
import type { Claims } from '../token/claims.ts'
import { compileGlob } from './glob.ts'
import { pathSegments } from './path-segments.ts'
import { compilePathTemplate, type PathTemplate } from './path-template.ts'

/** What a token must declare for the request it is sent with, as the operator configures it (W-23). */
export interface RequireSettings {
  /** Glob that `act` must match; with `routes`, of requests that no route lists. */
  readonly action?: string | undefined
  /** Scopes that every token must carry. */
  readonly scopes?: readonly string[] | undefined
  readonly routes?: readonly RequiredRoute[] | undefined
}

export interface RequiredRoute {
  /** Compared exactly, `HEAD` and `GET` apart; `*` is any. */
  readonly method: string
  /** Template as in `compilePathTemplate`. */
  readonly path: string
  /** Glob that `act` must match. */
  readonly action: string
  /** Scopes that the token must carry besides those of every request. */
  readonly scopes?: readonly string[] | undefined
}

export interface Requirements {
  /** Whether `check` looks at the request line, which costs the gateway a round trip. */
  readonly needsRequestLine: boolean
  check(
    claims: Claims,
    line?: Pick<RequestLine, 'method' | 'rawPath'>,
  ): 'ok' | 'action_mismatch' | 'scope_missing'
}

interface Demand {
  fits(act: string): boolean
  readonly scopes: readonly string[]
}

interface Route extends Demand {
  readonly method: string
  readonly template: PathTemplate
}

/** RFC 9110, 5.6.2. */
const METHOD = /^(?:\*|[A-Z0-9!#$%&'+.^_`|~-]+)$/

/**
 * Compiles what requests require. The route with the most specific path decides, compared segment by
 * segment from the left: text before `{name}` before `*`; of two with the same path, the one that
 * names the method.
 *
 * Where there are routes, a request that none of them lists needs `action`, and without `action` is
 * refused as `action_mismatch`; so is one whose path is ambiguous (`pathSegments`), whatever `action`
 * says. `path` is where the settings stand. Throws `TypeError` that begins with the path of the fault.
 */
export function compileRequirements(settings: RequireSettings, path = 'require'): Requirements {
  const routes = compileRoutes(settings.routes ?? [], `${path}.routes`)
  const common = settings.scopes ?? []
  const needsRequestLine = routes.length > 0
  const otherwise = demandOtherwise(settings, path)

  return {
    needsRequestLine,
    check(claims, line) {
      const demand = needsRequestLine ? demandFor(routes, line, otherwise) : otherwise
      if (demand === undefined || !demand.fits(claims.act)) return 'action_mismatch'
      const { scope = [] } = claims
      const has = (wanted: string) => scope.includes(wanted)
      return common.every(has) && demand.scopes.every(has) ? 'ok' : 'scope_missing'
    },
  }
}

/** What a request needs that no route lists; `undefined` refuses it. */
function demandOtherwise({ action, routes = [] }: RequireSettings, path: string) {
  if (action !== undefined) return { fits: compileAction(action, `${path}.action`), scopes: [] }
  return routes.length === 0 ? { fits: () => true, scopes: [] } : undefined
}

function demandFor(
  routes: readonly Route[],
  line: Pick<RequestLine, 'method' | 'rawPath'> | undefined,
  otherwise: Demand | undefined,
): Demand | undefined {
  const segments = line && pathSegments(line.rawPath)
  if (line === undefined || segments === undefined) return undefined
  const listed = routes.find(
    ({ method, template }) =>
      (method === '*' || method === line.method) && template.matches(segments),
  )
  return listed ?? otherwise
}

function compileRoutes(routes: readonly RequiredRoute[], path: string): readonly Route[] {
  const seen = new Map<string, number>()
  const compiled = routes.map((route, at) => {
    const { method } = route
    if (!METHOD.test(method)) {
      throw new TypeError(`${path}[${at}].method: must be a method in capitals, or "*"`)
    }
    const template = compilePathTemplate(route.path, `${path}[${at}].path`)
    const key = `${method} ${template.shape}`
    const first = seen.get(key)
    if (first !== undefined) {
      throw new TypeError(`${path}[${at}]: lists the same requests as ${path}[${first}]`)
    }
    seen.set(key, at)
    const fits = compileAction(route.action, `${path}[${at}].action`)
    return { method, template, fits, scopes: route.scopes ?? [] }
  })
  return compiled.toSorted(bySpecificity)
}

function bySpecificity(one: Route, other: Route): number {
  if (one.template.rank !== other.template.rank) {
    return one.template.rank < other.template.rank ? -1 : 1
  }
  return Number(one.method === '*') - Number(other.method === '*')
}

function compileAction(action: string, path: string): (act: string) => boolean {
  if (action === '') throw new TypeError(`${path}: must not be empty`)
  return compileGlob(action)
}
