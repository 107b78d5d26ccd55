import { type Clock, formatInstant } from '../ports/clock.ts'
import type { Log, LogFields } from '../ports/log.ts'
import { logLine } from '../ports/log-line.ts'
import type { RecentLine } from './snapshot.ts'

/** Different lines kept; what a screen holds. */
const MAX_LINES = 10
const MAX_CHARACTERS = 400

/** Passes lines on, and remembers the newest warnings and errors for whoever asks how it goes. */
export class RecentLines implements Log {
  readonly #log: Log
  readonly #clock: Clock
  /** By level and message, the newest last: a fault that repeats is one line with a count. */
  readonly #lines = new Map<string, RecentLine>()

  constructor(log: Log, clock: Clock) {
    this.#log = log
    this.#clock = clock
  }

  get lines(): readonly RecentLine[] {
    return [...this.#lines.values()]
  }

  info(message: string, fields?: LogFields): void {
    this.#log.info(message, fields)
  }

  warn(message: string, fields?: LogFields): void {
    this.#log.warn(message, fields)
    this.#keep('warn', message, fields)
  }

  error(message: string, fields?: LogFields): void {
    this.#log.error(message, fields)
    this.#keep('error', message, fields)
  }

  #keep(level: RecentLine['level'], message: string, fields: LogFields | undefined): void {
    const text = logLine(message, fields).slice(0, MAX_CHARACTERS)
    const key = `${level} ${text}`
    const times = (this.#lines.get(key)?.times ?? 0) + 1
    this.#lines.delete(key)
    this.#lines.set(key, { at: formatInstant(this.#clock.now()), level, text, times })
    for (const oldest of this.#lines.keys()) {
      if (this.#lines.size <= MAX_LINES) break
      this.#lines.delete(oldest)
    }
  }
}
