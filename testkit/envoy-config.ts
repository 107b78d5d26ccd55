import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'

/** A configuration of Envoy as plain data. */
// biome-ignore lint/suspicious/noExplicitAny: Envoy's schema is not ours to write down
export type EnvoyConfig = any

const EXT_AUTHZ = 'envoy.filters.http.ext_authz'
const PER_ROUTE = 'type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute'

export interface EnvoyPlaces {
  /** The address of the service behind Envoy. */
  readonly upstreamUrl: string
  /** Sockets of oathmesh-envoy, or addresses. */
  readonly sockets: readonly string[]
  /** Policies by host name; the others ask for `default`. */
  readonly hosts?: Readonly<Record<string, string>>
}

/** The configuration that ships, on free ports of the loopback interface; `change` alters it. */
export function shippedEnvoy(
  { upstreamUrl, sockets, hosts = {} }: EnvoyPlaces,
  change: (config: EnvoyConfig, manager: EnvoyConfig) => void = () => {},
): string {
  const config: EnvoyConfig = parse(readFileSync('envoy/envoy.yaml', 'utf8'))
  const { listeners, clusters } = config.static_resources
  const [listener] = listeners
  listener.address.socket_address = { address: '127.0.0.1', port_value: 0 }
  const manager = listener.filter_chains[0].filters[0].typed_config
  manager.route_config.virtual_hosts.push(
    ...Object.entries(hosts).map(([host, policy]) => hostFor(host, policy)),
  )
  clusters[0].load_assignment.endpoints[0].lb_endpoints = sockets.map((path) => ({
    endpoint: { address: { pipe: { path } } },
  }))
  const { hostname, port } = new URL(upstreamUrl)
  clusters[1].load_assignment.endpoints[0].lb_endpoints = [
    {
      endpoint: {
        address: { socket_address: { address: hostname, port_value: Number(port) } },
      },
    },
  ]
  change(config, manager)
  return stringify(config)
}

/** The filter of this name. */
export function filterOf(manager: EnvoyConfig, name: string): EnvoyConfig {
  return manager.http_filters.find((filter: { name: string }) => filter.name === name).typed_config
}

/** Context for the policy of one route or host. */
export function policyContext(policy: string): EnvoyConfig {
  return {
    [EXT_AUTHZ]: {
      '@type': PER_ROUTE,
      check_settings: { context_extensions: { oathmesh: policy, oathmesh_body: 'buffered' } },
    },
  }
}

function hostFor(host: string, policy: string): EnvoyConfig {
  return {
    name: host,
    domains: [host],
    typed_per_filter_config: policyContext(policy),
    routes: [{ match: { prefix: '/' }, route: { cluster: 'service' } }],
  }
}
