import type { RequestLine } from '../call.ts'
import { compileGlob } from './glob.ts'
import { pathSegments } from './path-segments.ts'
import { compilePathTemplate, type PathTemplate, type ReadPath, readPath } from './path-template.ts'

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

/** What a token must declare: an action, and scopes besides those of every request. */
export interface Demand {
  fits(act: string): boolean
  readonly scopes: readonly string[]
}

interface Route extends Demand {
  readonly method: string
  readonly template: PathTemplate
}

interface Alike {
  readonly alike: ReadonlyMap<string, Route>
  readonly rank: string | undefined
}

type MethodAndPath = Pick<RequestLine, 'method' | 'rawPath'>

/** RFC 9110, 5.6.2. */
const METHOD = /^(?:\*|[A-Z0-9!#$%&'+.^_`|~-]+)$/

/**
 * The routes that say what requests need. The one with the most specific path decides, compared
 * segment by segment from the left: text before `{name}` before `*`; of two with the same path, the
 * one that names the method.
 *
 * A request has to satisfy everybody who may read it otherwise than we do: it needs what its path
 * needs, what the path without a slash at its end needs, and what each more specific route needs
 * that the path resembles (`PathTemplate.resembles`), for `HEAD` also those of `GET`.
 */
export class RouteTable {
  readonly #routes: readonly Route[]
  readonly #otherwise: Demand | undefined

  /** `otherwise` is for requests that no route lists; without it they are refused. Throws `TypeError`. */
  constructor(routes: readonly RequiredRoute[], otherwise: Demand | undefined, path: string) {
    this.#routes = compileRoutes(routes, path)
    this.#otherwise = otherwise
  }

  /**
   * All that the request needs; `undefined` refuses it: its path is ambiguous, its method is not in capitals, as
   * some frameworks would write it, or nobody may call it.
   */
  demands({ method, rawPath }: MethodAndPath): readonly Demand[] | undefined {
    const segments = METHOD.test(method) ? pathSegments(rawPath) : undefined
    if (segments === undefined) return undefined
    const found = this.#demandsOf(method, readPath(segments))
    if (segments.length === 1 || segments.at(-1) !== '') return found
    const slashless = this.#demandsOf(method, readPath(segments.slice(0, -1)))
    return found && slashless && [...found, ...slashless]
  }

  #demandsOf(method: string, path: ReadPath): readonly Demand[] | undefined {
    const { alike, rank } = this.#alike(method, path)
    const demands: Demand[] = [...alike.values()]
    // Frameworks answer `HEAD` by what they have for `GET`, unless it has been told apart.
    const asGet = method === 'HEAD' ? this.#alike('GET', path).alike.values() : []
    for (const route of asGet) {
      const { template } = route
      if (rank === undefined || template.rank < rank) demands.push(route)
    }
    if (rank !== undefined) return demands
    return this.#otherwise && [...demands, this.#otherwise]
  }

  /** By shape, the route that decides and those more specific that the path resembles; the rank of the former. */
  #alike(method: string, path: ReadPath): Alike {
    const alike = new Map<string, Route>()
    let rank: string | undefined
    for (const route of this.#routes) {
      const { template } = route
      if (rank !== undefined && template.rank > rank) break
      if (route.method !== '*' && route.method !== method) continue
      // The first of a shape names the method, or no other does.
      if (!template.resembles(path) || alike.has(template.shape)) continue
      alike.set(template.shape, route)
      if (template.matches(path)) rank = template.rank
    }
    return { alike, rank }
  }
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

/** Compiles the glob that an action must match. Throws `TypeError` that begins with `path`. */
export function compileAction(action: string, path: string): (act: string) => boolean {
  if (action === '') throw new TypeError(`${path}: must not be empty`)
  return compileGlob(action)
}
