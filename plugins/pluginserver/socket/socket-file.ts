import { linkSync, lstatSync, renameSync, rmSync, statSync } from 'node:fs'
import type { Server } from 'node:net'
import { bindPrivately } from './bind-privately.ts'
import { mayReplace } from './may-replace.ts'
import { probeSocket } from './probe-socket.ts'
import type { SocketMode } from './socket-mode.ts'
import { socketPlace } from './socket-place.ts'

/** How often a start looks again when others start at the same path. */
const MAX_ATTEMPTS = 10

export interface SocketFileOptions {
  readonly path: string
  readonly mode: SocketMode
}

/** The path at which Kong finds us, for as long as we hold it. */
export class SocketFile {
  readonly #path: string
  readonly #inode: bigint

  private constructor(path: string, inode: bigint) {
    this.#path = path
    this.#inode = inode
  }

  /**
   * Listens at `path`. A socket that nobody listens at is replaced, and so is that of a server which the
   * same Kong started or whose Kong is gone: on `kong reload`, new workers start their server while the old
   * one may go on for hours. Replacing is one rename, so there is no moment without a server.
   *
   * Rejects when another server is alive there, when the path is something else than a socket, and when no
   * socket can be made there. The socket has its permissions before it has its name.
   */
  static async listen(server: Server, { path, mode }: SocketFileOptions): Promise<SocketFile> {
    const temporary = socketPlace(path)
    // Before anything is made, so that a start that fails leaves nothing behind.
    await replaceable(path)
    rmSync(temporary, { force: true })
    await bindPrivately(server, temporary, mode)
    const inode = inodeOf(temporary)
    try {
      await takePlace(temporary, path)
    } finally {
      rmSync(temporary, { force: true })
    }
    return new SocketFile(path, inode)
  }

  /** False once another server has taken the path over, or somebody has removed it. */
  get isOurs(): boolean {
    try {
      return inodeOf(this.#path) === this.#inode
    } catch {
      return false
    }
  }

  /** Removes the file if it is still ours. */
  remove(): void {
    if (this.isOurs) rmSync(this.#path, { force: true })
  }
}

/** Two servers may start at once: the later one must see the earlier one, not rename itself over it. */
async function takePlace(temporary: string, path: string): Promise<void> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const old = await replaceable(path)
    try {
      if (old === undefined) return linkSync(temporary, path)
      if (inodeOf(path) === old) return renameSync(temporary, path)
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException
      if (code !== 'EEXIST' && code !== 'ENOENT') throw cause
    }
  }
  throw new Error(`${path} changes hands all the time: are several servers started there?`)
}

/** What stands at the path and may be replaced, by its inode. Rejects when it may not. */
async function replaceable(path: string): Promise<bigint | undefined> {
  const file = lstatSync(path, { throwIfNoEntry: false, bigint: true })
  if (file === undefined) return undefined
  if (!file.isSocket()) throw new TypeError(`${path} exists and is not a socket`)
  const owner = await probeSocket(path)
  if (!owner.alive || mayReplace(owner)) return file.ino
  const who =
    owner.pid === undefined ? 'a process that does not give its id' : `process ${owner.pid}`
  throw new Error(`${path} is served by ${who}, which does not belong to this Kong: stop it first`)
}

function inodeOf(path: string): bigint {
  return statSync(path, { bigint: true }).ino
}
