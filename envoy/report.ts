import { type Resources, systemClock } from '../lib/index.ts'
import { formatInstant } from '../lib/ports/clock.ts'
import { type StatusReport, statusReport } from '../lib/status/report.ts'
import manifest from '../package.json' with { type: 'json' }
import type { CheckDecider } from './decide-check.ts'
import type { GrpcServer } from './server.ts'

interface Reported {
  readonly server: GrpcServer
  readonly decider: CheckDecider
  readonly resources: Resources
}

const STARTED_AT = systemClock.now() - process.uptime() * 1000

/** How it goes in this process. One that drains serves no more. */
export async function reportOf(reported: Reported): Promise<StatusReport> {
  const { server, decider, resources } = reported
  return statusReport(
    {
      role: 'envoy',
      pid: process.pid,
      version: manifest.version,
      node: process.version,
      started_at: formatInstant(STARTED_AT),
      workers: { wanted: 1, ready: server.health.serving ? 1 : 0, silent: [] },
      open: decider.pending,
    },
    [],
    resources.snapshot(),
  )
}
