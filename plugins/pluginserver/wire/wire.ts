import type { Socket } from 'node:net'
import type { PluginModule } from '../plugin/plugin-module.ts'
import type { Session } from '../session/session.ts'

/** One way in which Kong and a plugin server talk. */
export interface Wire {
  /** The largest instance number that its messages hold. */
  readonly maxInstanceId: number
  /** How long an instance is kept that Kong does not use. */
  readonly instanceIdleMs: number
  /** Whether several processes can share its socket. */
  readonly eventsStayOnTheirConnection: boolean
  /** What Kong's query command reads. It tells Kong which wire to speak. */
  describe(plugins: ReadonlyMap<string, PluginModule>): string
  /** Whatever serves the connections of one server. */
  open(session: Session): WireServer
}

export interface WireServer {
  /** Serves one connection of a Kong worker until it is closed. */
  serve(socket: Socket): WireConnection
}

export interface WireConnection {
  /** Sends what has been written, then closes. Resolves when it is closed. */
  end(): Promise<void>
}
