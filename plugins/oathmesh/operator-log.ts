import { type Log, type LogFields, logLine } from '../../lib/index.ts'
import type { Kong } from './kong.ts'

/** Different lines held for the next event; a fault that comes in many forms must not grow the process. */
const MAX_LINES = 32
/** Lines that one event takes along. On the MessagePack wire each of them is a round trip. */
const LINES_PER_EVENT = 4

const NONE: readonly Promise<unknown>[] = []

type Level = 'warn' | 'err'

interface Held {
  readonly level: Level
  readonly text: string
  times: number
}

/**
 * The operator's lines: each goes to `log` at once and, if it is a warning or an error, to Kong's own log with
 * the next request. Kong shows what plugin servers write on standard error at level `info` only, below what
 * gateways log by default. Repeated lines are held once and counted.
 */
export class OperatorLog implements Log {
  readonly #log: Log
  readonly #held = new Map<string, Held>()
  #lost = 0

  constructor(log: Log) {
    this.#log = log
  }

  info(message: string, fields?: LogFields): void {
    this.#log.info(message, fields)
  }

  warn(message: string, fields?: LogFields): void {
    this.#log.warn(message, fields)
    this.#hold('warn', message, fields)
  }

  error(message: string, fields?: LogFields): void {
    this.#log.error(message, fields)
    this.#hold('err', message, fields)
  }

  /** Sends what is held, oldest first, as calls that go out with whatever is asked of Kong next. */
  send({ log }: Pick<Kong, 'log'>): readonly Promise<unknown>[] {
    if (this.#held.size === 0 && this.#lost === 0) return NONE
    const lines = [...this.#held].slice(0, LINES_PER_EVENT)
    for (const [key] of lines) this.#held.delete(key)
    const sent = lines.map(([, { level, text, times }]) =>
      log[level](times === 1 ? text : `${text} (${times} times)`),
    )
    if (this.#held.size > 0 || this.#lost === 0) return sent
    const lost = this.#lost
    this.#lost = 0
    return [...sent, log.warn(`${lost} more lines: see the plugin server's standard error`)]
  }

  #hold(level: Level, message: string, fields: LogFields | undefined): void {
    const text = logLine(message, fields)
    const key = `${level} ${text}`
    const held = this.#held.get(key)
    if (held !== undefined) held.times += 1
    else if (this.#held.size < MAX_LINES) this.#held.set(key, { level, text, times: 1 })
    else this.#lost += 1
  }
}
