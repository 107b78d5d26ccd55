import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../lib/index.ts'
import type { Flags } from './flags.ts'
import type { PluginModule } from './plugin/plugin-module.ts'
import { placeIn } from './session/instance-place.ts'
import { InstanceTable } from './session/instance-table.ts'
import type { Notices } from './session/notices.ts'
import { OpenEvents } from './session/open-events.ts'
import type { OnRefusal } from './session/refusal-reason.ts'
import type { Announce } from './session/session.ts'
import type { Wire, WireConnection, WireServer } from './wire/wire.ts'

/** How much later than its time a request may be given up. */
const MAX_SWEEP_MS = 500
const INSTANCE_SWEEP_MS = 1000
/** Time for the last answers to leave. */
const FLUSH_MS = 500

export interface SessionHostOptions {
  readonly wire: Wire
  readonly plugins: ReadonlyMap<string, PluginModule>
  readonly limits: Flags
  readonly log: Log
  readonly notices: Notices
  readonly now: () => number
  /** The process that is this server, for whoever asks. */
  readonly pid: number
  /** How long an instance is kept that nobody uses. */
  readonly instanceIdleMs: number
  /** Makes an instance known; by default to this process, which then is the only one. */
  readonly announce?: Announce
  readonly onInstanceClosed?: (id: number) => void
  readonly onRefusal?: OnRefusal | undefined
}

/** Everything of one process behind the socket: connections, events, instances, and their end. */
export class SessionHost {
  readonly instances: InstanceTable
  readonly #options: SessionHostOptions
  readonly #server: WireServer
  readonly #events: OpenEvents
  readonly #connections = new Set<WireConnection>()

  constructor(options: SessionHostOptions) {
    this.#options = options
    const { plugins, limits, log, notices, now, wire, pid, announce } = options
    const { instanceIdleMs: idleMs, onInstanceClosed: onClosed, onRefusal } = options
    const instances = new InstanceTable({ now, maxId: wire.maxInstanceId, idleMs, onClosed })
    this.instances = instances
    this.#events = new OpenEvents({
      ...limits,
      now,
      onFault: (message, fields) => log.error(message, fields),
      onRefusal,
    })
    this.#server = wire.open({
      plugins,
      instances,
      events: this.#events,
      log,
      notices,
      limits,
      pid,
      onRefusal,
      announce:
        announce ??
        (async (plugin, object, config) =>
          instances.add(plugin, object, undefined, placeIn(config))),
    })
    this.#sweep()
  }

  get connections(): number {
    return this.#connections.size
  }

  /** Requests in progress. */
  get openEvents(): number {
    return this.#events.size
  }

  /** Serves one connection of a Kong worker. */
  serve(socket: Socket): void {
    const connection = this.#server.serve(socket)
    this.#connections.add(connection)
    socket.on('close', () => this.#connections.delete(connection))
  }

  /** Lets open requests finish, refuses what is not finished in time, then closes every connection. */
  async drain(): Promise<void> {
    const late = setTimeout(() => this.#events.releaseAll('stopping'), this.#options.limits.drainMs)
    await this.#events.idle()
    clearTimeout(late)
    const closed = Promise.all([...this.#connections].map((connection) => connection.end()))
    await Promise.race([closed, sleep(FLUSH_MS)])
  }

  #sweep(): void {
    const { phaseTimeoutMs, eventAgeMs } = this.#options.limits
    const sweepMs = Math.min(MAX_SWEEP_MS, phaseTimeoutMs / 2, eventAgeMs / 2)
    setInterval(() => this.#events.sweep(), sweepMs).unref()
    setInterval(() => this.instances.sweep(), INSTANCE_SWEEP_MS).unref()
  }
}
