import { closeSync, fstatSync, openSync, statSync, writeSync } from 'node:fs'
import { errorMessage } from '../../error-message.ts'
import type { Log } from '../../ports/log.ts'
import type { Stopwatch } from '../../ports/stopwatch.ts'
import type { SinkStatus } from '../../status/snapshot.ts'
import type { CountedSink } from '../audit-sink.ts'

/** How often a rotated file is looked for, and how often a failing one is reported. */
const CHECK_MS = 1000
const REPORT_MS = 60_000

interface FileSinkOptions {
  readonly path: string
  readonly log: Log
  readonly stopwatch: Stopwatch
}

/**
 * Appends lines to a file, each in one write, so that several processes may share it. Follows log
 * rotation by rename. A line that cannot be written is reported, at a bounded rate, and lost: the
 * decision has been made. The constructor throws when the file cannot be opened.
 */
export class FileSink implements CountedSink {
  readonly #options: FileSinkOptions
  #descriptor: number
  #checkedAt: number
  #reportedAt = Number.NEGATIVE_INFINITY
  #written = 0
  #lost = 0
  #cause: string | undefined

  constructor(options: FileSinkOptions) {
    this.#options = options
    this.#descriptor = open(options.path)
    this.#checkedAt = options.stopwatch()
  }

  write(line: string): void {
    try {
      this.#follow()
      writeSync(this.#descriptor, `${line}\n`)
      this.#written += 1
      this.#cause = undefined
    } catch (cause) {
      this.#report(cause)
    }
  }

  get status(): SinkStatus {
    return {
      sink: this.#options.path,
      written: this.#written,
      dropped: this.#lost,
      waiting: 0,
      ...(this.#cause !== undefined && { cause: this.#cause }),
    }
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  /** Opens the file anew when another one, or none, stands under its name. */
  #follow(): void {
    const now = this.#options.stopwatch()
    if (now - this.#checkedAt < CHECK_MS) return
    this.#checkedAt = now
    const named = statSync(this.#options.path, { throwIfNoEntry: false })
    if (named?.ino === fstatSync(this.#descriptor).ino) return
    const replacement = open(this.#options.path)
    closeSync(this.#descriptor)
    this.#descriptor = replacement
  }

  #report(cause: unknown): void {
    this.#lost += 1
    this.#cause = errorMessage(cause)
    const now = this.#options.stopwatch()
    if (now - this.#reportedAt < REPORT_MS) return
    this.#reportedAt = now
    this.#options.log.error('audit line not written', {
      file: this.#options.path,
      lost: this.#lost,
      cause: this.#cause,
    })
  }
}

function open(path: string): number {
  return openSync(path, 'a', 0o640)
}
