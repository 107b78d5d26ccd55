import { HTTP_PROTOCOLS } from '../../../schema/kong-entity.ts'
import { describeEntity } from '../entities/describe.ts'
import { type PluginEntity, readEntities } from '../entities/entities.ts'
import { isTable, type KongDocument, pathText } from '../entities/kong-document.ts'
import { hasForeignProtocols } from '../entities/protocols.ts'
import { byConsumer, effective, fits, type Traffic, trafficOf } from '../entities/traffic.ts'
import { earlyAnswerFault, earlyAnswers } from './early-answers.ts'
import type { Estate } from './estate.ts'
import type { Finding, FindingCode } from './finding.ts'
import { gapFault, gaps } from './gaps.ts'
import { type Fault, guardFaults } from './guard-faults.ts'
import { guardUse } from './guard-use.ts'
import { shadowFault, shadows } from './shadows.ts'
import { sharedStores } from './shared-stores.ts'

export interface LintResult {
  /** In the order of the file. */
  readonly findings: readonly Finding[]
  /** How many enabled oathmesh entities there are. */
  readonly oathmesh: number
  /** Whether Kong itself refuses when the plugin server fails. */
  readonly closedByKong: boolean
}

/** Findings that are none where the guard is a second line: what it does not cover, Kong refuses. */
const OF_THE_FIRST_LINE: ReadonlySet<FindingCode> = new Set([
  'no_guard',
  'guard_not_in_file',
  'unguarded',
  'shadowed',
  'guard_disabled',
  'guard_limited',
  'answers_before_guard',
])

const PROTOCOLS: Fault = {
  code: 'protocols',
  message: 'Kong refuses its protocols at upload: oathmesh decides HTTP alone.',
  fix: `Name some of ${HTTP_PROTOCOLS.join(', ')}, or none, which is all of them.`,
}

const CONSUMER_SCOPED: Fault = {
  code: 'consumer_scoped',
  message:
    'Kong chooses it by consumer, and oathmesh runs before callers are known: Kong refuses one on a consumer, and one on a group may never run.',
  fix: 'Scope it to a route or a service; say who may call in its policy.',
}

/** Finds what leaves oathmesh entities without the guard. Throws `InputError` for no such file. */
export function lintGuard(document: KongDocument, estate: Estate): LintResult {
  const entities = readEntities(document)
  const { plugins } = entities
  const oathmesh = plugins.filter(({ name, enabled }) => name === 'oathmesh' && enabled)
  const traffic = protectedTraffic(oathmesh, plugins, trafficOf(entities))
  const uses = plugins.flatMap((plugin) => guardUse(plugin, document) ?? [])
  const hiding = shadows(uses)
  const told: (readonly [PluginEntity, Fault])[] = [
    ...uses.flatMap((use) => guardFaults(use).map((fault) => [use.entity, fault] as const)),
    ...hiding.map((use) => [use.entity, shadowFault(use)] as const),
    ...earlyAnswers([...traffic.values()].flat(), plugins, estate.harmless).map(
      (entity) => [entity, earlyAnswerFault(entity)] as const,
    ),
    ...plugins
      // Kong checks those that are disabled as well.
      .filter(({ name, scope }) => name === 'oathmesh' && byConsumer(scope))
      .map((entity) => [entity, CONSUMER_SCOPED] as const),
    ...plugins
      .filter((entity) => entity.name === 'oathmesh' && hasForeignProtocols(entity))
      .map((entity) => [entity, PROTOCOLS] as const),
    ...sharedStores(oathmesh),
    ...(uses.some(({ found }) => found.length > 0)
      ? gaps(traffic, plugins, uses, hiding).map((gap) => [gap.oathmesh, gapFault(gap)] as const)
      : noGuard(oathmesh, isPartial(document))),
  ]
  const { closedByKong } = estate
  const findings = told
    .filter(([, { code }]) => !(closedByKong && OF_THE_FIRST_LINE.has(code)))
    .map(([entity, fault]) => locate(document, entity, fault))
  return {
    findings: findings.sort((a, b) => a.line - b.line),
    oathmesh: oathmesh.length,
    closedByKong,
  }
}

/** Where each oathmesh entity can be the one that Kong runs. */
function protectedTraffic(
  oathmesh: readonly PluginEntity[],
  plugins: readonly PluginEntity[],
  traffic: readonly Traffic[],
): ReadonlyMap<PluginEntity, readonly Traffic[]> {
  return new Map(
    oathmesh.map((entity) => [
      entity,
      traffic.filter((each) =>
        byConsumer(entity.scope)
          ? fits(entity.scope, each)
          : effective(plugins, 'oathmesh', each) === entity,
      ),
    ]),
  )
}

/** Whether the file holds what carries certain tags alone, and the guard may be under another. */
function isPartial({ root }: KongDocument): boolean {
  const info = root['_info']
  const tags = isTable(info) ? info['select_tags'] : undefined
  return Array.isArray(tags) && tags.length > 0
}

function noGuard(
  oathmesh: readonly PluginEntity[],
  partial: boolean,
): readonly (readonly [PluginEntity, Fault])[] {
  const [first] = oathmesh
  if (first === undefined) return []
  const number = oathmesh.length === 1 ? 'this entity' : `any of the ${oathmesh.length} entities`
  if (partial) {
    const message = `There is no guard for ${number} in this file, which holds what its select_tags name and no more: Kong may have one.`
    const fix = 'Lint all that Kong has: deck gateway dump -o - | oathmesh kong lint -'
    return [[first, { code: 'guard_not_in_file', message, fix }]]
  }
  const message = `There is no guard for ${number}: when the plugin dies, Kong lets requests through.`
  const fix = 'Add the output of "oathmesh kong guard"; it covers every oathmesh entity.'
  return [[first, { code: 'no_guard', message, fix }]]
}

function locate(document: KongDocument, entity: PluginEntity, fault: Fault): Finding {
  return {
    code: fault.code,
    path: pathText(entity.path),
    line: document.lineOf(entity.path),
    entity: describeEntity(entity),
    message: fault.message,
    fix: fault.fix,
  }
}
