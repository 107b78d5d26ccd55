import { open, stat } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { readAuditLine } from '../audit/read-audit-line.ts'
import { unreadable } from '../terminal/read-input.ts'

/** A line may come after the answer. */
const PATIENCE_MS = 2000
const POLL_MS = 50
/** Of what has been written meanwhile by all callers; a line has 4 KiB at most. */
const MOST_BYTES = 4_194_304

/** An audit file, or an error log of Kong, as it grows. */
export class AuditFile {
  readonly #path: string

  private constructor(path: string) {
    this.#path = path
  }

  /** Throws `InputError` for a file that cannot be read. */
  static async open(path: string): Promise<AuditFile> {
    try {
      await (await open(path)).close()
    } catch (cause) {
      throw unreadable(path, cause)
    }
    return new AuditFile(path)
  }

  /** Where the file ends now. */
  async end(): Promise<number> {
    return (await stat(this.#path)).size
  }

  /** The decision about this token that is written behind `start`, waiting for it a moment. */
  async lineOf(tokenId: string, start: number): Promise<string | undefined> {
    for (let waited = 0; waited <= PATIENCE_MS; waited += POLL_MS) {
      const found = await this.#find(tokenId, start)
      if (found !== undefined) return found
      await wait(POLL_MS)
    }
    return undefined
  }

  async #find(tokenId: string, start: number): Promise<string | undefined> {
    const file = await open(this.#path)
    try {
      const { size } = await file.stat()
      // Shorter than it was: another file by now, all of which is new.
      const from = Math.max(size < start ? 0 : start, size - MOST_BYTES)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from)
      for (const line of buffer.toString('utf8', 0, bytesRead).split('\n').slice(0, -1)) {
        const record = readAuditLine(line)
        if (typeof record !== 'string' && record.jti === tokenId) return record.text
      }
      return undefined
    } finally {
      await file.close()
    }
  }
}
