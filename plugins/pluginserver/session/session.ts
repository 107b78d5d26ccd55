import type { Log } from '../../../lib/index.ts'
import type { PluginModule, PluginObject } from '../plugin/plugin-module.ts'
import type { InstanceTable, PluginInstance } from './instance-table.ts'
import type { Notices } from './notices.ts'
import type { OpenEvents } from './open-events.ts'
import type { OnRefusal } from './refusal-reason.ts'

/** What every connection of every wire works on. */
export interface Session {
  readonly plugins: ReadonlyMap<string, PluginModule>
  readonly instances: InstanceTable
  readonly events: OpenEvents
  readonly log: Log
  readonly notices: Notices
  readonly limits: SessionLimits
  /** The process that is this server, for whoever asks. */
  readonly pid: number
  readonly onRefusal?: OnRefusal | undefined
  /** Makes an object known under a number that Kong may be told. */
  readonly announce: Announce
}

/** `config` is the text from which every process of this server can make the object again. */
export type Announce = (
  plugin: PluginModule,
  object: PluginObject,
  config: string,
) => Promise<PluginInstance>

export interface SessionLimits {
  readonly maxFrameBytes: number
  /** For a phase, and for a frame to become whole. */
  readonly phaseTimeoutMs: number
  /** Where nginx spools request bodies. */
  readonly bodyFolder: string
  /** Every call is logged by name. */
  readonly verbose: boolean
}
