import { lstatSync, renameSync, rmSync, statSync } from 'node:fs'
import type { Server } from 'node:net'
import { dirname, join } from 'node:path'
import { kongMasterOf } from './kong-master.ts'
import { probeSocket } from './probe-socket.ts'

/**
 * Connections that wait to be accepted. Kong opens one for every request that is under way, and proxies on
 * the request whose connection finds the queue full. The kernel caps it at `net.core.somaxconn`.
 */
const BACKLOG = 4096

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
   * Rejects when another server is alive there, or when the path is something else than a socket.
   */
  static async listen(server: Server, path: string): Promise<SocketFile> {
    await assertFree(path)
    // Short, so that it fits wherever the path itself does.
    const temporary = join(dirname(path), `.${process.pid.toString(36)}`)
    rmSync(temporary, { force: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ path: temporary, backlog: BACKLOG }, resolve)
    })
    const { ino } = statSync(temporary, { bigint: true })
    renameSync(temporary, path)
    return new SocketFile(path, ino)
  }

  /** False once another server has taken the path over, or somebody has removed it. */
  get isOurs(): boolean {
    try {
      return statSync(this.#path, { bigint: true }).ino === this.#inode
    } catch {
      return false
    }
  }

  /** Removes the file if it is still ours. */
  remove(): void {
    if (this.isOurs) rmSync(this.#path, { force: true })
  }
}

async function assertFree(path: string): Promise<void> {
  const file = lstatSync(path, { throwIfNoEntry: false })
  if (file === undefined) return
  if (!file.isSocket()) throw new TypeError(`${path} exists and is not a socket`)
  const owner = await probeSocket(path)
  if (!owner.alive || mayReplace(owner.pid)) return
  const who =
    owner.pid === undefined ? 'a process that does not give its id' : `process ${owner.pid}`
  throw new Error(`${path} is served by ${who}, which does not belong to this Kong: stop it first`)
}

function mayReplace(ownerPid: number | undefined): boolean {
  const ours = kongMasterOf(process.pid)
  if (ours === undefined || ownerPid === undefined) return false
  const theirs = kongMasterOf(ownerPid)
  return theirs === undefined || theirs === ours
}
