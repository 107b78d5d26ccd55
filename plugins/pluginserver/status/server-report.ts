import { mergeSnapshots, type RecentLines, systemClock } from '../../../lib/index.ts'
import { formatInstant } from '../../../lib/ports/clock.ts'
import { type ServerStatus, type StatusReport, statusReport } from '../../../lib/status/report.ts'
import { EMPTY_SNAPSHOT, type MemoryStatus } from '../../../lib/status/snapshot.ts'
import manifest from '../../../package.json' with { type: 'json' }
import { sameInstances } from './group-instances.ts'
import type { ProcessReport } from './process-report.ts'

export interface Asked {
  readonly wire: string
  readonly workers: ServerStatus['workers']
  /** Of every process that has answered. */
  readonly reports: readonly ProcessReport[]
  readonly connections: number
  /** Lines of the process that owns the socket, where it serves no requests. */
  readonly recent?: RecentLines
  /** Of used tokens, where it is not in the processes that serve. */
  readonly memory?: MemoryStatus | undefined
}

const STARTED_AT = systemClock.now() - process.uptime() * 1000

/** One report for all processes of this server. */
export function serverReport({ reports, recent, memory, ...asked }: Asked): StatusReport {
  const lines = [...reports.map(({ warnings }) => warnings), recent?.lines ?? []]
  const merged = mergeSnapshots([
    ...reports.flatMap(({ snapshot }) => snapshot ?? []),
    ...lines.map((warnings) => ({ ...EMPTY_SNAPSHOT, warnings })),
  ])
  const snapshot = memory === undefined ? merged : { ...merged, memory }
  const server: ServerStatus = {
    role: 'kong',
    pid: process.pid,
    version: manifest.version,
    node: process.version,
    wire: asked.wire,
    started_at: formatInstant(STARTED_AT),
    workers: asked.workers,
    connections: asked.connections,
    open: reports.reduce((sum, { open }) => sum + open, 0),
  }
  return statusReport(server, sameInstances(reports.map(({ instances }) => instances)), snapshot)
}
