import type { Part } from './envoy-document.ts'

export const EXT_AUTHZ = 'ext_authz.v3.ExtAuthz'
export const EXT_AUTHZ_PER_ROUTE = 'ext_authz.v3.ExtAuthzPerRoute'

/** One HTTP connection manager of a static configuration. */
export interface ConnectionManager {
  readonly config: Part
  /** The `typed_config` of each HTTP filter in order, with its name. */
  readonly filters: readonly HttpFilter[]
  readonly routes: readonly Route[]
}

export interface HttpFilter {
  readonly name: string
  readonly config: Part
}

/** A route with what its virtual host and the route table say for it, the nearest first. */
export interface Route {
  readonly part: Part
  /** What applies to the filter of this name: of the nearest that says something. */
  perFilter(name: string): Part | undefined
  /** `context_extensions`, of which the route's own win. */
  context(filter: string, key: string): Part | undefined
}

/** Those of all listeners. */
export function connectionManagers(root: Part): readonly ConnectionManager[] {
  return root
    .get('static_resources', 'listeners')
    .items.flatMap((listener) => [
      ...listener.get('filter_chains').items,
      listener.get('default_filter_chain'),
    ])
    .flatMap((chain) => chain.get('filters').items)
    .map((filter) => filter.get('typed_config'))
    .filter((config) => config.isOf('http_connection_manager.v3.HttpConnectionManager'))
    .map((config) => ({ config, filters: filtersOf(config), routes: routesOf(config) }))
}

function filtersOf(manager: Part): readonly HttpFilter[] {
  return manager.get('http_filters').items.map((filter) => ({
    name: filter.get('name').text ?? '',
    config: filter.get('typed_config'),
  }))
}

function routesOf(manager: Part): readonly Route[] {
  const table = manager.get('route_config')
  return table
    .get('virtual_hosts')
    .items.flatMap((host) =>
      host.get('routes').items.map((route) => routeWithin([route, host, table])),
    )
}

function routeWithin(levels: readonly Part[]): Route {
  const all = (filter: string) =>
    levels
      .map((level) => level.get('typed_per_filter_config', filter))
      .filter(({ exists }) => exists)
  return {
    part: levels[0] as Part,
    perFilter: (filter) => all(filter)[0],
    context: (filter, key) =>
      all(filter)
        .map((config) => config.get('check_settings', 'context_extensions', key))
        .find(({ exists }) => exists),
  }
}
