import { type Finding, findingsIn } from './findings.ts'
import { EMPTY_SNAPSHOT, type GatewaySnapshot } from './snapshot.ts'

/** The process, or the processes, in which a gateway's calls are decided. */
export interface ServerStatus {
  readonly role: 'kong' | 'envoy'
  /** Of the one that owns the socket. */
  readonly pid: number
  readonly version: string
  /** Of Node.js. */
  readonly node: string
  readonly wire?: string
  /** RFC 3339, UTC. */
  readonly started_at: string
  readonly workers: {
    readonly wanted: number
    /** Those that serve. */
    readonly ready: number
    /** Process ids of those that did not say in time how it goes. */
    readonly silent: readonly number[]
  }
  readonly connections?: number
  /** Calls that are being decided. */
  readonly open: number
}

/** What Kong has started, as far as it says where it belongs. */
export interface InstanceStatus {
  readonly plugin: string
  /** Kong's ids; absent where Kong gives none, or the entity is on neither. */
  readonly entity?: string
  readonly route?: string
  readonly service?: string
  /** One for each of Kong's workers that has asked. */
  readonly count: number
  /** Its configuration could not be used: its requests are answered with 500. */
  readonly faulty?: true
}

/** What a server says to whoever may open its status socket. */
export interface StatusReport extends GatewaySnapshot {
  /** Of this document: another number is another shape. */
  readonly format: 1
  readonly status: 'healthy' | 'degraded'
  readonly findings: readonly Finding[]
  readonly server: ServerStatus
  readonly instances: readonly InstanceStatus[]
}

/** Puts together what is known, and says what is wrong with it. */
export function statusReport(
  server: ServerStatus,
  instances: readonly InstanceStatus[],
  snapshot: GatewaySnapshot = EMPTY_SNAPSHOT,
): StatusReport {
  const findings = [
    ...workerFindings(server),
    ...instances.flatMap(faultyFinding),
    ...findingsIn(snapshot),
  ]
  const status = findings.length === 0 ? 'healthy' : 'degraded'
  return { format: 1, status, findings, server, instances, ...snapshot }
}

function workerFindings({ workers: { wanted, ready, silent } }: ServerStatus): readonly Finding[] {
  const findings: Finding[] = []
  if (ready < wanted) {
    const detail = `${ready} of ${wanted} serve; others are being started`
    findings.push({ what: 'worker_missing', about: 'workers', detail })
  }
  for (const pid of silent) {
    const detail = 'gives no answer: it is frozen, or busy for more than a second'
    findings.push({ what: 'worker_silent', about: `pid ${pid}`, detail })
  }
  return findings
}

function faultyFinding({ plugin, entity, route, faulty }: InstanceStatus): readonly Finding[] {
  if (!faulty) return []
  const about = entity ?? route ?? plugin
  const detail = 'its configuration cannot be used: its requests are answered with 500'
  return [{ what: 'instance_faulty', about, detail }]
}
