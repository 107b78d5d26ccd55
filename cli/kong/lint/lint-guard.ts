import { describeEntity } from '../entities/describe.ts'
import { type PluginEntity, readEntities } from '../entities/entities.ts'
import { type KongDocument, pathText } from '../entities/kong-document.ts'
import { byConsumer, effective, fits, type Traffic, trafficOf } from '../entities/traffic.ts'
import { earlyAnswerFault, earlyAnswers } from './early-answers.ts'
import type { Finding } from './finding.ts'
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
}

const CONSUMER_SCOPED: Fault = {
  code: 'consumer_scoped',
  message:
    'Kong chooses it by consumer, and oathmesh runs before callers are known: it may never run.',
  fix: 'Scope it to a route or a service; say who may call in its policy.',
}

/** Finds what leaves oathmesh entities without the guard. Throws `InputError` for no such file. */
export function lintGuard(document: KongDocument): LintResult {
  const entities = readEntities(document)
  const { plugins } = entities
  const oathmesh = plugins.filter(({ name, enabled }) => name === 'oathmesh' && enabled)
  const traffic = protectedTraffic(oathmesh, plugins, trafficOf(entities))
  const uses = plugins.flatMap((plugin) => guardUse(plugin, document) ?? [])
  const hiding = shadows(uses)
  const told: (readonly [PluginEntity, Fault])[] = [
    ...uses.flatMap((use) => guardFaults(use).map((fault) => [use.entity, fault] as const)),
    ...hiding.map((use) => [use.entity, shadowFault(use)] as const),
    ...earlyAnswers([...traffic.values()].flat(), plugins).map(
      (entity) => [entity, earlyAnswerFault(entity)] as const,
    ),
    ...oathmesh
      .filter(({ scope }) => byConsumer(scope))
      .map((entity) => [entity, CONSUMER_SCOPED] as const),
    ...sharedStores(oathmesh),
    ...(uses.some(({ found }) => found.length > 0)
      ? gaps(traffic, plugins, uses, hiding).map((gap) => [gap.oathmesh, gapFault(gap)] as const)
      : noGuard(oathmesh)),
  ]
  const findings = told.map(([entity, fault]) => locate(document, entity, fault))
  return { findings: findings.sort((a, b) => a.line - b.line), oathmesh: oathmesh.length }
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

function noGuard(oathmesh: readonly PluginEntity[]): readonly (readonly [PluginEntity, Fault])[] {
  const [first] = oathmesh
  if (first === undefined) return []
  const number = oathmesh.length === 1 ? 'this entity' : `any of the ${oathmesh.length} entities`
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
