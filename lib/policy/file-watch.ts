import { realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type FSWatcher, watch } from 'chokidar'

/** Writers take a moment, and one change makes several events. */
const SETTLE_MS = 50

/** How long a change can go unnoticed where the system gives no events: network disks, used-up watches. */
const RECHECK_MS = 2000

export interface FileWatchOptions {
  readonly path: string
  /** The file, or one beside it, may have changed. Called more often rather than less. */
  changed(): void
  /** The system refused a watch. */
  failed(cause: unknown): void
}

/**
 * Watches a file that may be replaced in any way: written in place, renamed over, reached through
 * links that change, gone for a while together with its folder.
 *
 * The folder is watched and not the file, because a file that replaces another is another file
 * (W-22); links are not followed, so that the change of a link is an event itself. Now and then the
 * file is looked at without an event. Nothing here keeps a process alive.
 */
export class FileWatch {
  readonly #options: FileWatchOptions
  readonly #recheck: NodeJS.Timeout
  #watcher: FSWatcher | undefined
  #folder: string | undefined
  #file: string | undefined
  #settling: NodeJS.Timeout | undefined
  #check: Promise<void>
  #closed = false

  constructor(options: FileWatchOptions) {
    this.#options = options
    this.#check = this.#look()
    this.#recheck = setInterval(() => {
      this.#check = this.#check.then(() => this.#look())
    }, RECHECK_MS).unref()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#recheck)
    clearTimeout(this.#settling)
    await this.#check
    await this.#watcher?.close()
  }

  /** A busy folder must not put the call off for ever, so an event does not restart the timer. */
  #schedule(): void {
    if (this.#closed || this.#settling !== undefined) return
    this.#settling = setTimeout(() => {
      this.#settling = undefined
      this.#options.changed()
    }, SETTLE_MS).unref()
  }

  async #look(): Promise<void> {
    const { path } = this.#options
    const [folder, file] = await Promise.all([fingerprint(dirname(path)), fingerprint(path)])
    if (folder !== this.#folder) await this.#watchAnew(folder)
    if (file !== this.#file) this.#schedule()
    this.#folder = folder
    this.#file = file
  }

  async #watchAnew(folder: string | undefined): Promise<void> {
    await this.#watcher?.close()
    this.#watcher = undefined
    if (this.#closed || folder === undefined) return
    const real = await realpath(dirname(this.#options.path)).catch(() => undefined)
    if (real === undefined) return
    const schedule = () => this.#schedule()
    this.#watcher = watch(real, {
      persistent: false,
      ignoreInitial: true,
      followSymlinks: false,
      depth: 0,
    })
      .on('all', schedule)
      .on('raw', schedule)
      // What changed before the watch stood has caused no event.
      .on('ready', schedule)
      .on('error', (cause) => this.#options.failed(cause))
  }
}

/** Tells one state of a file from the next, and one folder from another of the same name. */
async function fingerprint(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path)
    const identity = `${found.dev} ${found.ino}`
    return found.isDirectory() ? identity : `${identity} ${found.mtimeMs} ${found.size}`
  } catch {
    return undefined
  }
}
