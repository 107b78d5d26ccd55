import type { Aftermath, PluginEvent, Wire, WireOptions } from '../wire.ts'
import { Connection } from './connection.ts'
import { kongEncoder } from './kong-encoder.ts'
import { runEvent } from './run-event.ts'

/**
 * Kong's side of MessagePack-RPC: connections are pooled, message ids count over all of them, and each
 * message of an event may travel on another. Whatever goes wrong in an event is only logged.
 */
export class MsgpackWire implements Wire {
  readonly #options: WireOptions
  readonly #encoder = kongEncoder()
  readonly #idle: Connection[] = []
  readonly #open = new Set<Connection>()
  #lastId = 0

  constructor(options: WireOptions) {
    this.#options = options
  }

  async startInstance(name: string, config: string): Promise<number> {
    const arg = { Config: config, Name: name }
    const { Id } = (await this.#call('plugin.StartInstance', arg)) as { Id: number }
    return Id
  }

  handleEvent(event: PluginEvent): Promise<void> {
    return runEvent((method, arg) => this.#call(method, arg), event)
  }

  aftermath(fault: string): Aftermath {
    return fault.toLowerCase().includes('no plugin instance') ? 'repeat' : 'pass'
  }

  close(): void {
    for (const connection of this.#open) connection.close()
  }

  /** Resolves with the result of one message. Rejects with `WireFault` or `LuaError`. */
  async #call(method: string, arg: unknown): Promise<unknown> {
    this.#lastId += 1
    const id = this.#lastId
    const { trace } = this.#options
    const connection = this.#take()
    trace?.('kong', [0, id, method, [arg]])
    try {
      const result = await connection.call(this.#encoder.encode([0, id, method, [arg]]), id)
      trace?.('plugin server', [1, id, null, result])
      return result
    } catch (cause) {
      trace?.('plugin server', [1, id, cause instanceof Error ? cause.message : cause])
      throw cause
    } finally {
      if (connection.usable) this.#idle.push(connection)
      else this.#open.delete(connection)
    }
  }

  #take(): Connection {
    for (;;) {
      const idle = this.#idle.pop()
      if (idle === undefined) break
      if (idle.usable) return idle
      this.#open.delete(idle)
    }
    const connection = new Connection(this.#options.socketPath, this.#options.timeoutMs)
    this.#open.add(connection)
    return connection
  }
}
