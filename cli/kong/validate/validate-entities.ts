import { nearMiss } from '../../../schema/near-miss.ts'
import { describeEntity } from '../entities/describe.ts'
import { type PluginEntity, readEntities } from '../entities/entities.ts'
import { isTable, type KongDocument, type Path, pathText } from '../entities/kong-document.ts'
import { configFaults } from './config-faults.ts'
import type { Fault } from './fault.ts'
import { namedField, segmentsOf } from './field-path.ts'
import { fieldSchema } from './field-schema.ts'
import { isDangling, type ScopeFault, scopeFaults } from './scope-faults.ts'
import { isTemplate, RENDER_FIRST } from './template.ts'

export interface Validation {
  /** In the order of the file. */
  readonly faults: readonly Fault[]
  /** How many oathmesh entities there are; Kong checks those that are disabled as well. */
  readonly oathmesh: number
}

/** Checks every oathmesh entity. Throws `InputError` for a file that is none of Kong's. */
export function validateEntities(document: KongDocument): Validation {
  const oathmesh = readEntities(document).plugins.filter(({ name }) => name === 'oathmesh')
  const faults = oathmesh.flatMap((entity) => [
    ...scopeFaults(entity, document.root).map((fault) => besideConfig(document, entity, fault)),
    // Without the rest of a configuration, nothing can be said of it.
    ...(isDangling(entity, document.root)
      ? []
      : configFaults(entity.config).map((phrase) => faultAt(document, entity, phrase))),
  ])
  return { faults: faults.sort((a, b) => a.line - b.line), oathmesh: oathmesh.length }
}

function besideConfig(
  document: KongDocument,
  entity: PluginEntity,
  { field, path, message }: ScopeFault,
): Fault {
  const line = document.lineOf(path)
  return { path: pathText(path), line, entity: describeEntity(entity), field, message, hint: '' }
}

function faultAt(document: KongDocument, entity: PluginEntity, phrase: string): Fault {
  const { field, message } = namedField(phrase)
  const segments = segmentsOf(field)
  const path = placeOf(entity, segments)
  return {
    path: pathText(path),
    line: document.lineOf(path),
    entity: describeEntity(entity),
    field,
    message,
    hint: isTemplate(entity.config, segments) ? RENDER_FIRST : hintFor(segments),
  }
}

/** Where a field stands, or would: at the entity, or in the configuration that it shares. */
function placeOf({ entry, path }: PluginEntity, segments: Path): Path {
  const { config, _config: shared } = entry
  const [first = ''] = segments
  const own = typeof shared !== 'string' || (isTable(config) && first in config)
  return [...(own ? [...path, 'config'] : ['_plugin_configs', shared]), ...segments]
}

/** What the field is for, or the one that its name is nearest to. */
function hintFor(segments: Path): string {
  const known = fieldSchema(segments)
  if (known !== undefined) return known.description ?? ''
  const surrounding = segments.slice(0, -1)
  const names = Object.keys(fieldSchema(surrounding)?.properties ?? {})
  const near = nearMiss(String(segments.at(-1)), names)
  const meant = near === undefined ? undefined : fieldSchema([...surrounding, near])
  return meant?.description ?? (names.length === 0 ? '' : `Known here: ${names.join(', ')}.`)
}
