import { type GatewaySnapshot, offeredSnapshot } from '../../../lib/index.ts'
import type { RecentLine } from '../../../lib/status/snapshot.ts'
import { isFaulty } from '../session/faulty-plugin.ts'
import type { SessionHost } from '../session-host.ts'
import { groupInstances, type InstanceRow } from './group-instances.ts'

/** What one process of this server knows. */
export interface ProcessReport {
  readonly instances: readonly InstanceRow[]
  readonly connections: number
  /** Requests under way. */
  readonly open: number
  /** What the plugin says; absent before its first instance, and for plugins that say nothing. */
  readonly snapshot?: GatewaySnapshot
  /** The server's own lines. */
  readonly warnings: readonly RecentLine[]
}

export function processReport(host: SessionHost, warnings: readonly RecentLine[]): ProcessReport {
  const rows = host.instances.all.map(({ plugin, place, object }) => {
    return { plugin: plugin.name, ...place, faulty: isFaulty(object) }
  })
  const snapshot = offeredSnapshot()
  return {
    instances: groupInstances(rows),
    connections: host.connections,
    open: host.openEvents,
    ...(snapshot !== undefined && { snapshot }),
    warnings,
  }
}
