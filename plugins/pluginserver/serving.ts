import type { Log, RecentLines } from '../../lib/index.ts'
import type { Flags } from './flags.ts'
import type { Metering } from './metrics/metering.ts'
import type { PluginModule } from './plugin/plugin-module.ts'
import type { Notices } from './session/notices.ts'
import type { Wire } from './wire/wire.ts'

/** What is served, and how. */
export interface Serving {
  readonly flags: Flags
  readonly plugins: ReadonlyMap<string, PluginModule>
  readonly wire: Wire
  readonly socketPath: string
  readonly log: Log
  readonly notices: Notices
  /** Absent where nobody asked for metrics. */
  readonly metering?: Metering | undefined
  /** The newest warnings and errors of this process. */
  readonly recent: RecentLines
}
