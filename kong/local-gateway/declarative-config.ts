import { parse } from 'yaml'
import { KONG_YAML } from '../kong-yaml.ts'
import type { DeclarativeConfig, Route, Service } from './entities.ts'
import { entriesOf, isNamed, type Table, tableOf } from './entry.ts'
import { readConsumer, readPlugin, readRoute, readService } from './read-entity.ts'

type Nested<T> = readonly (readonly [T, Table])[]

/**
 * Reads a Kong declarative configuration: services, routes by host, path and method, plugins, consumers;
 * other entities and tags are none of the stand-in's business. Throws `TypeError` that names the entity
 * for what Kong would refuse and for what this stand-in would get wrong.
 */
export function readDeclarativeConfig(text: string): DeclarativeConfig {
  const root = tableOf(parse(text, KONG_YAML), 'declarative configuration')
  if (root['_format_version'] === undefined) {
    throw new TypeError('not a Kong declarative configuration: no _format_version')
  }
  const services = entriesOf(root, 'services').map((entry) => [readService(entry), entry] as const)
  const routes = [
    ...services.flatMap(([service, entry]) =>
      entriesOf(entry, 'routes').map((route) => [readRoute(route, service), route] as const),
    ),
    ...entriesOf(root, 'routes').map((entry) => [routeOfService(entry, services), entry] as const),
  ]
  const consumers = entriesOf(root, 'consumers')
  return {
    routes: routes.map(([route]) => route),
    plugins: [
      ...services.flatMap(([{ entity }, entry]) =>
        entriesOf(entry, 'plugins').map((plugin) => readPlugin(plugin, undefined, entity.id)),
      ),
      ...routes.flatMap(([{ entity }, entry]) =>
        entriesOf(entry, 'plugins').map((plugin) => readPlugin(plugin, entity.id, undefined)),
      ),
      ...consumers.flatMap((consumer) =>
        entriesOf(consumer, 'plugins').map((plugin) =>
          readPlugin({ ...plugin, consumer }, undefined, undefined),
        ),
      ),
      ...entriesOf(root, 'plugins').map((entry) =>
        readPlugin(entry, idOf(entry, 'route', routes), idOf(entry, 'service', services)),
      ),
    ],
    consumers: consumers.map(readConsumer),
  }
}

function routeOfService(entry: Table, services: Nested<Service>): Route {
  const found = services.find(([{ entity }]) => isNamed(entity, entry['service']))
  if (found === undefined) throw new TypeError(`route ${String(entry['name'])}: no such service`)
  return readRoute(entry, found[0])
}

/** The id of the route or service a top-level plugin belongs to, if any. */
function idOf(
  entry: Table,
  kind: 'route' | 'service',
  among: Nested<Route | Service>,
): string | undefined {
  if (entry[kind] === undefined || entry[kind] === null) return undefined
  const found = among.find(([{ entity }]) => isNamed(entity, entry[kind]))
  if (found === undefined) throw new TypeError(`plugin ${String(entry['name'])}: no such ${kind}`)
  return found[0].entity.id
}
