import {
  type ConnectionManager,
  connectionManagers,
  EXT_AUTHZ,
  type HttpFilter,
} from './connection-manager.ts'
import type { EnvoyDocument } from './envoy-document.ts'
import { filterFaults } from './filter-faults.ts'
import { FINDINGS, type Finding, type FindingCode } from './finding.ts'
import { guardFaults } from './guard-faults.ts'
import { pathFaults } from './path-faults.ts'
import { routeFaults } from './route-faults.ts'
import { stripFaults } from './strip-faults.ts'

export interface LintResult {
  /** Filters that were looked at. */
  readonly filters: number
  readonly findings: readonly PlacedFinding[]
}

export interface PlacedFinding {
  readonly code: FindingCode
  readonly path: string
  readonly line: number
  readonly message: string
  readonly fix: string
}

/** The faults of every ext_authz filter of a static configuration. `deadlineMs` is that of the slowest policy. */
export function lintEnvoy(document: EnvoyDocument, deadlineMs: number): LintResult {
  const managers = connectionManagers(document.root)
  const asked = managers.flatMap((manager) =>
    manager.filters
      .filter(({ config }) => config.isOf(EXT_AUTHZ))
      .map((filter) => ({ manager, filter })),
  )
  const faults = asked.flatMap(({ manager, filter }) => faultsOf(manager, filter, deadlineMs))
  const found: readonly Finding[] =
    asked.length === 0
      ? [{ code: 'no_filter', part: document.root.get('static_resources') }]
      : faults
  return { filters: asked.length, findings: found.map((finding) => placed(document, finding)) }
}

function faultsOf(manager: ConnectionManager, filter: HttpFilter, deadlineMs: number) {
  return [
    ...pathFaults(manager),
    ...stripFaults(manager, filter),
    ...filterFaults(filter, deadlineMs),
    ...guardFaults(manager, filter),
    ...routeFaults(manager, filter),
  ]
}

function placed(document: EnvoyDocument, { code, part }: Finding): PlacedFinding {
  return { code, path: pathText(part.path), line: document.lineOf(part.path), ...FINDINGS[code] }
}

function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? key : `${text}.${key}`
  }, '')
}
