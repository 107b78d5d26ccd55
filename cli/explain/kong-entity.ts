import {
  type Entities,
  type PluginEntity,
  type Route,
  readEntities,
} from '../kong/entities/entities.ts'
import { KongDocument, pathText } from '../kong/entities/kong-document.ts'
import type { Target } from '../kong/entities/target.ts'
import { effective, type Traffic } from '../kong/entities/traffic.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { readInput } from '../terminal/read-input.ts'
import { loneConfig } from './lone-config.ts'

/** More names than a reader goes through. */
const MOST_NAMES = 20

/** The oathmesh entity that Kong runs for one route, and where it is written. */
export interface KongEntity {
  readonly config: unknown
  readonly place: { readonly file: string; readonly path: string; readonly line: number }
}

/**
 * Finds the entity for `kong.yml#route`: of those that apply to the route, or service, of that name the
 * most specific one, as Kong does. The name may be left out where the file has a single entity.
 * A file that is a configuration by itself, as `oathmesh-envoy` reads it, stands for its one entity.
 * Throws `InputError` where there is none, or none in particular.
 */
export async function readKongEntity(reference: string, io: CliIo): Promise<KongEntity> {
  const hash = reference.lastIndexOf('#')
  const file = hash < 0 ? reference : reference.slice(0, hash)
  const name = hash < 0 ? undefined : reference.slice(hash + 1)
  const text = (await readInput(file, io)).toString('utf8')
  const alone = name === undefined ? loneConfig(text) : undefined
  if (alone !== undefined) return { config: alone, place: { file, path: 'configuration', line: 1 } }
  try {
    const document = new KongDocument(text)
    const { config, path } = find(readEntities(document), name)
    return { config, place: { file, path: pathText(path), line: document.lineOf(path) } }
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause
    const separator = /^\d+:\d+:/.test(cause.message) ? ':' : ': '
    throw new InputError(`${file}${separator}${cause.message}`, { cause })
  }
}

function find(entities: Entities, name: string | undefined): PluginEntity {
  const { plugins } = entities
  if (name === undefined) return onlyOne(entities)
  const found = trafficNamed(entities, name).map((one) => effective(plugins, 'oathmesh', one))
  const [entity, ...others] = new Set(found)
  if (found.length === 0) throw new InputError(`no route or service "${name}"`)
  if (others.length > 0) throw new InputError(`the routes of "${name}" differ; name one of them`)
  if (entity === undefined) throw new InputError(`no enabled oathmesh entity applies to "${name}"`)
  return entity
}

function onlyOne({ plugins, routes, services }: Entities): PluginEntity {
  const [entity, ...others] = plugins.filter(({ name, enabled }) => name === 'oathmesh' && enabled)
  if (entity === undefined) throw new InputError('no oathmesh entity is enabled')
  if (others.length === 0) return entity
  const places = [...routes, ...services.map((service) => ({ route: undefined, service }))]
  const names = places
    .filter((traffic) => effective(plugins, 'oathmesh', traffic) !== undefined)
    .map(({ route, service }) => `#${(route ?? service)?.label}`)
  const listed = [...new Set(names)].slice(0, MOST_NAMES).join(', ')
  throw new InputError(`${others.length + 1} oathmesh entities; say which: one of ${listed}`)
}

function trafficNamed({ routes, services }: Entities, name: string): readonly Traffic[] {
  const isNamed = (target: Target | undefined) => target?.label === name
  const route = routes.filter((one: Route) => isNamed(one.route))
  if (route.length > 0) return route
  const ofService = routes.filter((one) => isNamed(one.service))
  if (ofService.length > 0) return ofService
  return services.filter(isNamed).map((service) => ({ service }))
}
