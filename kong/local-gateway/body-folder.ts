import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Exchange } from './exchange.ts'

const NAME_DIGITS = 10

/** nginx's folder for bodies that do not fit `client_body_buffer_size`: a file each, the owner's alone. */
export class BodyFolder {
  readonly #path: string
  #files = 0

  constructor(prefix: string) {
    this.#path = join(prefix, 'client_body_temp')
  }

  /** Resolves with the path of the file that holds the request's body. */
  async spool(exchange: Exchange): Promise<string> {
    if (exchange.bodyFile !== undefined) return exchange.bodyFile
    this.#files += 1
    const file = join(this.#path, String(this.#files).padStart(NAME_DIGITS, '0'))
    await mkdir(this.#path, { recursive: true, mode: 0o700 })
    await writeFile(file, await exchange.body(), { mode: 0o600, flag: 'wx' })
    exchange.bodyFile = file
    return file
  }
}
