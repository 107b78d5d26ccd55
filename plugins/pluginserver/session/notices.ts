import type { PdkCall } from 'kong-pdk/pdk.js'
import { escapeControls, type Log } from '../../../lib/index.ts'
import type { LogFields } from './log-fields.ts'

/** Different lines kept at most; a fault that repeats is one line with a count. */
const MAX_NOTICES = 64
/** What one request carries at most: on MessagePack each line costs it a round trip. */
const MAX_AT_ONCE = 4
/** Kong cuts a line of its log off at 4 kB, its own prefix and suffix included. */
const MAX_CHARACTERS = 1500

type Level = 'warn' | 'err'

interface Notice {
  readonly level: Level
  readonly message: string
  /** Of the newest. */
  fields: LogFields
  count: number
}

/**
 * What the operator must know, on its way to Kong's log. Kong shows the standard error of a plugin server at
 * level info, which nobody sees by default, so a warning or error also travels with the next event.
 */
export class Notices {
  readonly #queue = new Map<string, Notice>()
  #lost = 0

  add(level: Level, message: string, fields: LogFields = {}): void {
    const key = `${level} ${message}`
    const known = this.#queue.get(key)
    if (known !== undefined) {
      known.fields = fields
      known.count += 1
    } else if (this.#queue.size < MAX_NOTICES) {
      this.#queue.set(key, { level, message, fields, count: 1 })
    } else this.#lost += 1
  }

  /** The oldest lines as calls of the PDK. They are forgotten here. */
  take(): readonly PdkCall[] {
    if (this.#queue.size === 0) return []
    const calls: PdkCall[] = []
    for (const [key, notice] of this.#queue) {
      if (calls.length === MAX_AT_ONCE) return calls
      this.#queue.delete(key)
      calls.push(call(notice.level, textOf(notice)))
    }
    if (this.#lost > 0)
      calls.push(call('warn', `${this.#lost} more lines are on standard error only`))
    this.#lost = 0
    return calls
  }

  /** A log that writes to `log` as well. */
  tee(log: Log): Log {
    return {
      info: (message, fields) => log.info(message, fields),
      warn: (message, fields) => {
        log.warn(message, fields)
        this.add('warn', message, fields)
      },
      error: (message, fields) => {
        log.error(message, fields)
        this.add('err', message, fields)
      },
    }
  }
}

function call(level: Level, text: string): PdkCall {
  return { Method: `kong.log.${level}`, Args: [`[oathmesh-pluginserver] ${text}`] }
}

function textOf({ message, fields, count }: Notice): string {
  const pairs = Object.entries(fields).filter(([, value]) => value !== undefined)
  const words = [message, ...pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`)]
  const text = escapeControls(words.join(' ').slice(0, MAX_CHARACTERS))
  return count === 1 ? text : `${text} (${count} times)`
}
