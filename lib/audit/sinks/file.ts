import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs'
import type { SinkStatus } from '../../status/snapshot.ts'
import type { CountedSink } from '../audit-sink.ts'
import { Backlog, TOO_SLOW } from './backlog.ts'
import { Losses, type SinkOptions } from './losses.ts'

/** How often a rotated file is looked for. */
const CHECK_MS = 1000
const CLOSED = -1
/** How often a reader that takes nothing is offered its lines again. */
const RETRY_MS = 20

/**
 * Appends lines to a file, each in one write, so that several processes may share it: a file, a pipe by name, a
 * terminal. Follows log rotation by rename, and opens the file anew when it is told to.
 *
 * A decision never waits for whoever reads: what a pipe does not take waits in bounded memory, and what has no room
 * there is lost, counted and reported at a bounded rate. So is what a full disk does not take. The constructor throws
 * when the file cannot be opened.
 */
export class FileSink implements CountedSink {
  readonly #options: SinkOptions
  readonly #losses: Losses
  readonly #backlog = new Backlog()
  #descriptor: number
  #checkedAt: number
  #retry: NodeJS.Timeout | undefined

  constructor(options: SinkOptions) {
    this.#options = options
    this.#losses = new Losses(options)
    this.#descriptor = open(options.path)
    this.#checkedAt = options.stopwatch()
  }

  write(line: string): void {
    try {
      this.#follow()
      if (!this.#backlog.push(Buffer.from(`${line}\n`))) this.#losses.lost(TOO_SLOW)
      // While a reader takes nothing, the timer offers it the lines: not every call once more.
      if (this.#retry === undefined) this.#drain()
    } catch (cause) {
      this.#losses.lost(cause, Math.max(1, this.#backlog.clear()))
    }
  }

  get status(): SinkStatus {
    return this.#losses.status(this.#backlog.size)
  }

  /** For whoever has moved the file away, and does not want to wait for the next line. */
  reopen(): void {
    try {
      this.#replace()
    } catch (cause) {
      this.#losses.lost(cause, 0)
    }
  }

  /** Offers what waits once more, and gives the rest up. */
  close(): void {
    if (this.#descriptor === CLOSED) return
    clearTimeout(this.#retry)
    try {
      this.#backlog.drain(
        (line) => this.#take(line),
        () => this.#losses.wrote(),
      )
      if (this.#backlog.size > 0) this.#losses.lost(TOO_SLOW, this.#backlog.clear())
    } catch (cause) {
      this.#losses.lost(cause, this.#backlog.clear())
    }
    closeSync(this.#descriptor)
    // Its number may be another file's by the time that somebody writes once more.
    this.#descriptor = CLOSED
  }

  #drain(): void {
    this.#retry = undefined
    this.#backlog.drain(
      (line) => this.#take(line),
      () => this.#losses.wrote(),
    )
    if (this.#backlog.size > 0) this.#retry = setTimeout(() => this.#again(), RETRY_MS).unref()
  }

  #again(): void {
    try {
      this.#drain()
    } catch (cause) {
      this.#losses.lost(cause, this.#backlog.clear())
    }
  }

  /** How much of a line is taken now. */
  #take(line: Buffer): number {
    try {
      return writeSync(this.#descriptor, line)
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'EAGAIN') return 0
      throw cause
    }
  }

  /** Opens the file anew when another one, or none, stands under its name. */
  #follow(): void {
    const now = this.#options.stopwatch()
    if (now - this.#checkedAt < CHECK_MS) return
    this.#checkedAt = now
    const named = statSync(this.#options.path, { throwIfNoEntry: false })
    if (named?.ino !== fstatSync(this.#descriptor).ino) this.#replace()
  }

  #replace(): void {
    const replacement = open(this.#options.path)
    closeSync(this.#descriptor)
    this.#descriptor = replacement
  }
}

function open(path: string): number {
  const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDWR, O_WRONLY } = constants
  // Opening a pipe that nobody reads would wait for a reader. Whoever may read it as well need not wait, and sees it
  // filled but never broken.
  const isPipe = statSync(path, { throwIfNoEntry: false })?.isFIFO() === true
  const flags = isPipe ? O_RDWR : O_WRONLY | O_APPEND | O_CREAT
  return openSync(path, flags | O_NONBLOCK, 0o640)
}
