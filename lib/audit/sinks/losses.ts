import { errorMessage } from '../../error-message.ts'
import type { Log } from '../../ports/log.ts'
import type { Stopwatch } from '../../ports/stopwatch.ts'
import type { SinkStatus } from '../../status/snapshot.ts'

/** How often a sink that loses lines is reported. */
const REPORT_MS = 60_000

export interface SinkOptions {
  readonly path: string
  readonly log: Log
  readonly stopwatch: Stopwatch
}

/** What a sink has written and lost, and the line that tells the operator of it. */
export class Losses {
  readonly #options: SinkOptions
  #reportedAt = Number.NEGATIVE_INFINITY
  #written = 0
  #dropped = 0
  #cause: string | undefined

  constructor(options: SinkOptions) {
    this.#options = options
  }

  /** A line has been written: whatever was in the way is so no longer. */
  wrote(): void {
    this.#written += 1
    this.#cause = undefined
  }

  /** Nothing can be written now. `lines` are lost by it: decisions have been made, and nobody waits for their record. */
  lost(cause: unknown, lines = 1): void {
    const { log, path, stopwatch } = this.#options
    this.#dropped += lines
    this.#cause = errorMessage(cause)
    if (lines === 0) return
    const now = stopwatch()
    if (now - this.#reportedAt < REPORT_MS) return
    this.#reportedAt = now
    log.error('audit line not written', { file: path, lost: this.#dropped, cause: this.#cause })
  }

  status(waiting: number): SinkStatus {
    return {
      sink: this.#options.path,
      written: this.#written,
      dropped: this.#dropped,
      waiting,
      ...(this.#cause !== undefined && { cause: this.#cause }),
    }
  }
}
