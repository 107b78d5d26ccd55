import type { Log } from '../../../lib/index.ts'
import type { PluginModule } from '../plugin/plugin-module.ts'
import type { InstanceTable } from './instance-table.ts'
import type { OpenEvents } from './open-events.ts'

/** What every connection of every wire works on. */
export interface Session {
  readonly plugins: ReadonlyMap<string, PluginModule>
  readonly instances: InstanceTable
  readonly events: OpenEvents
  readonly log: Log
  readonly limits: SessionLimits
}

export interface SessionLimits {
  readonly maxFrameBytes: number
  /** Every call is logged by name. */
  readonly verbose: boolean
}
