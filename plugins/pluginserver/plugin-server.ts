import { createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../lib/index.ts'
import type { Flags } from './flags.ts'
import { kongMasterOf, startedByKong } from './kong-master.ts'
import type { PluginModule } from './plugin/plugin-module.ts'
import { InstanceTable } from './session/instance-table.ts'
import type { Notices } from './session/notices.ts'
import { OpenEvents } from './session/open-events.ts'
import { SocketFile } from './socket/socket-file.ts'
import type { Wire, WireConnection } from './wire/wire.ts'

/** How much later than its time a request may be given up. */
const MAX_SWEEP_MS = 500
const INSTANCE_SWEEP_MS = 1000
/** Time for connections that were on their way when the socket file went. */
const BACKLOG_MS = 50
/** Time for the last answers to leave. */
const FLUSH_MS = 500
/** How often the server looks whether Kong can still find it. */
const OWNERSHIP_MS = 2000

export interface PluginServerOptions {
  readonly wire: Wire
  readonly plugins: ReadonlyMap<string, PluginModule>
  readonly socketPath: string
  readonly limits: Flags
  readonly log: Log
  readonly notices: Notices
  readonly now: () => number
  /** Nobody is connected, and nobody can come any more. */
  readonly onSuperseded: (why: string) => void
}

/** Serves Kong's workers at one socket. */
export class PluginServer {
  readonly #options: PluginServerOptions
  readonly #server: Server
  readonly #events: OpenEvents
  readonly #instances: InstanceTable
  readonly #connections = new Set<WireConnection>()
  #file: SocketFile | undefined

  constructor(options: PluginServerOptions) {
    this.#options = options
    const { limits, log, notices, now, plugins, wire } = options
    this.#instances = new InstanceTable({ now, maxId: wire.maxInstanceId })
    this.#events = new OpenEvents({
      ...limits,
      now,
      onFault: (message, fields) => log.error(message, fields),
    })
    const server = wire.open({
      plugins,
      instances: this.#instances,
      events: this.#events,
      log,
      notices,
      limits,
      announce: async (plugin, object) => this.#instances.add(plugin, object),
    })
    this.#server = createServer((socket) => {
      const connection = server.serve(socket)
      this.#connections.add(connection)
      socket.on('close', () => this.#connections.delete(connection))
    })
  }

  /** Resolves when Kong can connect. Rejects when another server is alive at the socket. */
  async listen(): Promise<void> {
    const { socketPath: path, limits } = this.#options
    this.#file = await SocketFile.listen(this.#server, { path, mode: limits.socketMode })
    const { phaseTimeoutMs, eventAgeMs } = limits
    const sweepMs = Math.min(MAX_SWEEP_MS, phaseTimeoutMs / 2, eventAgeMs / 2)
    setInterval(() => this.#events.sweep(), sweepMs).unref()
    setInterval(() => this.#instances.sweep(), INSTANCE_SWEEP_MS).unref()
    setInterval(() => this.#checkOwnership(), OWNERSHIP_MS).unref()
  }

  /**
   * Takes no new connections, lets open requests finish, and refuses what is not finished in time. Then
   * closes every connection. The socket file goes first, unless another server has replaced it.
   */
  async drain(): Promise<void> {
    this.#file?.remove()
    // Whoever found the file before is still let in: Kong would proxy on the request of a connection reset.
    await sleep(BACKLOG_MS)
    this.#server.close()
    const late = setTimeout(
      () => this.#events.releaseAll('the server is stopping'),
      this.#options.limits.drainMs,
    )
    await this.#events.idle()
    clearTimeout(late)
    const closed = Promise.all([...this.#connections].map((connection) => connection.end()))
    await Promise.race([closed, sleep(FLUSH_MS)])
  }

  #checkOwnership(): void {
    if (this.#connections.size > 0) return
    if (this.#file?.isOurs === false) {
      this.#options.onSuperseded('its socket is gone or another server has it')
    } else if (startedByKong && kongMasterOf(process.pid) === undefined) {
      this.#options.onSuperseded('the Kong that started it is gone')
    }
  }
}
