import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { kongMasterOf, startedByKong } from './kong-master.ts'
import { SocketFile, type SocketFileOptions } from './socket/socket-file.ts'

/** Time for connections that were on their way when the socket file went. */
const BACKLOG_MS = 50
/** How often the server looks whether Kong can still find it. */
const OWNERSHIP_MS = 2000

export interface ListenerOptions extends SocketFileOptions {
  /** Nothing is read of a connection before it has been handed on. */
  readonly pauseOnConnect: boolean
  readonly onConnection: (socket: Socket) => void
  /** How many connections are open. */
  readonly connections: () => number
  /** Another server has the socket, whoever may still be connected to this one. Called once. */
  readonly onReplaced: () => void
  /** Nobody is connected, and nobody can come any more. */
  readonly onSuperseded: (why: string) => void
}

/** The socket at which Kong finds this server, and what comes to it. */
export class Listener {
  readonly #options: ListenerOptions
  readonly #server: Server
  #file: SocketFile | undefined
  #replaced = false

  constructor(options: ListenerOptions) {
    this.#options = options
    const { pauseOnConnect, onConnection } = options
    this.#server = createServer({ pauseOnConnect }, onConnection)
  }

  /** Resolves when Kong can connect. Rejects when another server is alive at the socket. */
  async listen(): Promise<void> {
    this.#file = await SocketFile.listen(this.#server, this.#options)
    setInterval(() => this.#checkOwnership(), OWNERSHIP_MS).unref()
  }

  /** Takes no new connections. The socket file goes first, unless another server has replaced it. */
  async close(): Promise<void> {
    this.#file?.remove()
    // Whoever found the file before is still let in: Kong would proxy on the request of a connection reset.
    await sleep(BACKLOG_MS)
    this.#server.close()
  }

  #checkOwnership(): void {
    const { connections, onReplaced, onSuperseded } = this.#options
    const isReplaced = this.#file?.isOurs === false
    if (isReplaced && !this.#replaced) onReplaced()
    this.#replaced = isReplaced
    if (connections() > 0) return
    if (isReplaced) onSuperseded('its socket is gone or another server has it')
    else if (startedByKong && kongMasterOf(process.pid) === undefined) {
      onSuperseded('the Kong that started it is gone')
    }
  }
}
