import { escapeControls } from '../../lib/index.ts'
import type { InstanceStatus, StatusReport } from '../../lib/status/report.ts'
import type { EntityStatus } from '../../lib/status/snapshot.ts'
import { count, painter } from '../terminal/print.ts'

/** Enough of a digest to tell versions apart. */
const SHA_CHARACTERS = 12

/** A report for a person: what is wrong first, then what is there. Everything in it is escaped. */
export function statusText(socket: string, report: StatusReport, color: boolean): string {
  const paint = painter(color)
  const { status, findings } = report
  const head = paint(status === 'healthy' ? 'green' : 'yellow', status)
  const lines = [
    `${head}  ${escapeControls(socket)}`,
    ...findings.map(
      ({ what, about, detail }) =>
        `  ${paint('red', what)}  ${escapeControls(`${about}: ${detail}`)}`,
    ),
    ...rows('process', processRows(report)),
    ...rows('entities', entityRows(report)),
    ...rows('keys', keyRows(report)),
    ...rows('replay', replayRows(report)),
    ...rows('policies', policyRows(report)),
    ...rows('audit', auditRows(report)),
    ...rows('last warnings', warningRows(report)),
  ]
  return `${lines.join('\n')}\n`
}

function rows(title: string, texts: readonly string[]): readonly string[] {
  return texts.length === 0 ? [] : [title, ...texts.map((text) => `  ${escapeControls(text)}`)]
}

function processRows({ server, guard }: StatusReport): readonly string[] {
  const { role, pid, version, node, wire, started_at, workers, connections, open } = server
  return [
    `${role}, pid ${pid}, version ${version}, Node.js ${node}${wire === undefined ? '' : `, wire ${wire}`}, since ${started_at}`,
    `${workers.ready} of ${count(workers.wanted, 'worker')} ready${connections === undefined ? '' : `, ${count(connections, 'connection')}`}, ${count(open, 'call')} under way`,
    ...(guard === undefined ? [] : [`guard ${guard.replace('_', ' ')}`]),
  ]
}

function entityRows({ instances, entities }: StatusReport): readonly string[] {
  const known = new Map(entities.map((entity) => [entity.entity, entity]))
  const started = instances.map((instance) => {
    const entity = known.get(instance.entity ?? '')
    return `${placeOf(instance)}, ${count(instance.count, 'instance')}${settingsOf(entity)}`
  })
  if (instances.length > 0) return started
  return entities.map((entity) => `${entity.entity}${settingsOf(entity)}`)
}

function placeOf({ plugin, entity, route, service, faulty }: InstanceStatus): string {
  const parts = [
    plugin,
    ...(route === undefined ? [] : [`route ${route}`]),
    ...(service === undefined ? [] : [`service ${service}`]),
    ...(entity === undefined ? [] : [`entity ${entity}`]),
    ...(faulty ? ['CONFIGURATION FAULTY'] : []),
  ]
  return parts.join(', ')
}

function settingsOf(entity: EntityStatus | undefined): string {
  if (entity === undefined) return ''
  const { audience, enforcement, replay, policy } = entity
  return `: ${audience}, ${enforcement}, replay ${replay}, policy ${policy}`
}

function keyRows({ issuers }: StatusReport): readonly string[] {
  return issuers.map(({ issuer, source, state, keys, age_seconds: age, fetches, failures }) => {
    if (source === 'inline') return `${issuer}: ${count(keys, 'key')} in the configuration`
    const old = age === undefined ? '' : `, ${age} s old`
    return `${issuer}: ${state}, ${count(keys, 'key')}${old}, ${count(fetches, 'fetch', 'fetches')}, ${failures} failed`
  })
}

function replayRows({ redis, memory }: StatusReport): readonly string[] {
  const stores = redis.map(({ redis: name, state, cause, became_away, degraded, unavailable }) => {
    const why = cause === undefined ? '' : ` (${cause})`
    const past = `away ${count(became_away, 'time')} so far, ${degraded} passed and ${unavailable} refused meanwhile`
    return `Redis ${name}: ${state}${why}, ${past}`
  })
  if (memory === undefined) return stores
  return [...stores, `memory: ${memory.entries} of ${memory.max_entries} records`]
}

function policyRows({ policies }: StatusReport): readonly string[] {
  return policies.map(({ policy, state, rules, sha256, reload_failures: failures }) => {
    const version =
      sha256 === undefined
        ? ''
        : `, ${count(rules ?? 0, 'rule')}, sha256 ${sha256.slice(0, SHA_CHARACTERS)}`
    const failed = failures === 0 ? '' : `, ${count(failures, 'faulty version')} so far`
    return `${policy}: ${state}${version}${failed}`
  })
}

function auditRows({ audit }: StatusReport): readonly string[] {
  return audit.map(({ sink, written, dropped, waiting, cause }) => {
    const why = cause === undefined ? '' : ` (${cause})`
    return `${sink}: ${written} written, ${dropped} dropped, ${waiting} waiting${why}`
  })
}

function warningRows({ warnings }: StatusReport): readonly string[] {
  return warnings.map(({ at, level, text, times }) => {
    return `${at} ${level}: ${text}${times === 1 ? '' : ` (${times} times)`}`
  })
}
