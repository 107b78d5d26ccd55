import { kongEncoder } from './kong-encoder.ts'
import { RpcConnection } from './rpc-connection.ts'

/** Sees every message in both directions. */
export type RpcTrace = (from: 'kong' | 'plugin server', message: unknown) => void

interface RpcClientOptions {
  readonly socketPath: string
  /** Kong's `lua_socket_read_timeout`: how long an answer may take. */
  readonly timeoutMs: number
  readonly trace?: RpcTrace | undefined
}

/** Kong's side of the plugin protocol: connections are pooled, message ids count over all of them. */
export class RpcClient {
  readonly #options: RpcClientOptions
  readonly #encoder = kongEncoder()
  readonly #idle: RpcConnection[] = []
  readonly #open = new Set<RpcConnection>()
  #lastId = 0

  constructor(options: RpcClientOptions) {
    this.#options = options
  }

  /** Resolves with the result of one message. Rejects with `RpcError` or `LuaError`. */
  async call(method: string, arg: unknown): Promise<unknown> {
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

  close(): void {
    for (const connection of this.#open) connection.close()
  }

  #take(): RpcConnection {
    for (;;) {
      const idle = this.#idle.pop()
      if (idle === undefined) break
      if (idle.usable) return idle
      this.#open.delete(idle)
    }
    const connection = new RpcConnection(this.#options.socketPath, this.#options.timeoutMs)
    this.#open.add(connection)
    return connection
  }
}
