import { randomUUID } from 'node:crypto'
import { Denial, type Log, type RefuseAnswer, type Stopwatch } from '../lib/index.ts'

/** A route that asks for nothing we know is asked for by every request on it: one line a while says it. */
const REPEAT_MS = 10_000

/** Refuses what comes from a route whose policy nobody has configured, and tells the operator its name. */
export class UnknownPolicy {
  readonly #log: Log
  readonly #stopwatch: Stopwatch
  readonly #told = new Map<string, { at: number; since: number }>()

  constructor(log: Log, stopwatch: Stopwatch) {
    this.#log = log
    this.#stopwatch = stopwatch
  }

  refuse(name: string | undefined, known: Iterable<string>): RefuseAnswer {
    this.#tell(name, known)
    const { refusal } = new Denial('policy_not_loaded')
    const { code, status, message, fix } = refusal
    return {
      outcome: 'refuse',
      status,
      headers: {
        'Content-Type': 'application/json',
        'Cache-Control': 'no-store',
        'Retry-After': '1',
      },
      body: { error: code, message, fix, request_id: randomUUID() },
    }
  }

  /** Names come from Envoy's configuration, so there are few. */
  #tell(name: string | undefined, known: Iterable<string>): void {
    const key = name ?? ''
    const now = this.#stopwatch()
    const told = this.#told.get(key)
    if (told !== undefined && now - told.at < REPEAT_MS) {
      told.since += 1
      return
    }
    this.#told.set(key, { at: now, since: 0 })
    const found =
      name === undefined
        ? 'a route names no policy in context_extensions.oathmesh: its calls are refused'
        : 'a route asks for a policy that is not configured: its calls are refused'
    this.#log.error(found, {
      oathmesh: name,
      configured: [...known].join(' '),
      more: told?.since || undefined,
    })
  }
}
