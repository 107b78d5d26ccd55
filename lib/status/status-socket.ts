import { renameSync, rmSync, statSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { basename, dirname, join } from 'node:path'
import type { StatusReport } from './report.ts'

/** Who asks reads one document and goes; more at once than this are not people and probes. */
const MAX_CONNECTIONS = 16
/** For who asks and does not read. */
const LINGER_MS = 5000

/** Where a server that listens at `path` says how it goes. */
export function statusPath(path: string): string {
  return `${path}.status`
}

/**
 * A socket that gives every connection one JSON document and reads nothing: there is no request to get wrong. It
 * is its owner's alone, whatever umask the process was given and whoever may use the socket beside it.
 */
export class StatusSocket {
  readonly #server: Server
  readonly #path: string
  readonly #inode: bigint

  private constructor(server: Server, path: string, inode: bigint) {
    this.#server = server
    this.#path = path
    this.#inode = inode
  }

  /**
   * Listens at `path`, and takes the place of a socket that is there: who may listen is decided elsewhere. Rejects
   * when no socket can be made there.
   */
  static async open(path: string, report: () => Promise<StatusReport>): Promise<StatusSocket> {
    const server = createServer((socket) => void answer(socket, report))
    server.maxConnections = MAX_CONNECTIONS
    const temporary = join(dirname(path), `.${process.pid.toString(36)}.${basename(path)}`)
    const there = statSync(path, { throwIfNoEntry: false })
    if (there?.isSocket() === false) throw new TypeError(`${path} exists and is not a socket`)
    rmSync(temporary, { force: true })
    await listenPrivately(server, temporary)
    const inode = statSync(temporary, { bigint: true }).ino
    renameSync(temporary, path)
    return new StatusSocket(server.unref(), path, inode)
  }

  /** Takes no more questions. The file goes unless another server has replaced it. */
  close(): void {
    this.#server.close()
    const there = statSync(this.#path, { throwIfNoEntry: false, bigint: true })
    if (there?.ino === this.#inode) rmSync(this.#path, { force: true })
  }
}

async function listenPrivately(server: Server, path: string): Promise<void> {
  const listening = new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', resolve)
  })
  const inherited = process.umask(0o177)
  try {
    // Binds, and thereby makes the file, before it returns.
    server.listen(path)
  } finally {
    process.umask(inherited)
  }
  await listening
}

async function answer(socket: Socket, report: () => Promise<StatusReport>): Promise<void> {
  socket.on('error', () => socket.destroy())
  socket.setTimeout(LINGER_MS, () => socket.destroy())
  try {
    socket.end(`${JSON.stringify(await report())}\n`)
  } catch {
    socket.destroy()
  }
}
