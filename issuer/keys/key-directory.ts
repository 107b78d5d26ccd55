import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorMessage } from '../../lib/error-message.ts'
import type { Log } from '../../lib/ports/log.ts'
import { KeySchedule } from './key-schedule.ts'
import { readKeyDirectory } from './read-key-directory.ts'

/**
 * Looking is two system calls a file, and unlike a watch it works on network disks, through the links
 * of a Kubernetes volume and after the directory has been replaced.
 */
const LOOK_EVERY_MS = 1000

interface KeyDirectoryOptions {
  readonly path: string
  /** Seconds for which verifiers rely on a fetched JWK set. */
  readonly jwksTtlSeconds: number
  readonly log: Log
}

/**
 * The keys in a directory, followed while the issuer runs. A state of the directory that cannot be
 * read, or has a fault, is reported once and the one before goes on; a file that is gone is gone.
 */
export class KeyDirectory {
  readonly #options: KeyDirectoryOptions
  #schedule: KeySchedule
  #fingerprint: string | undefined
  #fault: string | undefined
  #timer: NodeJS.Timeout | undefined

  private constructor(options: KeyDirectoryOptions) {
    this.#options = options
    this.#schedule = new KeySchedule([], options.jwksTtlSeconds)
  }

  /** Reads the directory and follows it from then on. Rejects with `TypeError` for a faulty one. */
  static async open(options: KeyDirectoryOptions): Promise<KeyDirectory> {
    const directory = new KeyDirectory(options)
    await directory.#read(await fingerprint(options.path))
    directory.#follow()
    return directory
  }

  get schedule(): KeySchedule {
    return this.#schedule
  }

  /** Looks at once. Never rejects. */
  async refresh(): Promise<void> {
    try {
      const found = await fingerprint(this.#options.path)
      if (found !== this.#fingerprint) await this.#read(found)
      this.#fault = undefined
    } catch (cause) {
      this.#report(errorMessage(cause))
    }
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  async #read(found: string): Promise<void> {
    const { path, jwksTtlSeconds, log } = this.#options
    const keys = await readKeyDirectory(path)
    this.#schedule = new KeySchedule(keys, jwksTtlSeconds)
    // Taken before the files were read: what changed meanwhile is seen as a change next time.
    this.#fingerprint = found
    log.info('keys loaded', { directory: path, keys: keys.length })
  }

  #follow(): void {
    this.#timer = setTimeout(async () => {
      await this.refresh()
      if (this.#timer !== undefined) this.#follow()
    }, LOOK_EVERY_MS).unref()
  }

  #report(fault: string): void {
    if (fault === this.#fault) return
    this.#fault = fault
    const { path, log } = this.#options
    log.error('keys not loaded: the ones before go on', { directory: path, cause: fault })
  }
}

/** Changes whenever a key file comes, goes or becomes another. */
async function fingerprint(path: string): Promise<string> {
  const names = (await readdir(path)).filter((name) => name.endsWith('.pem')).toSorted()
  const states = names.map(async (name) => {
    const { ino, size, mtimeMs, mode } = await stat(join(path, name))
    return `${name} ${ino} ${size} ${mtimeMs} ${mode}`
  })
  return (await Promise.all(states)).join('\n')
}
