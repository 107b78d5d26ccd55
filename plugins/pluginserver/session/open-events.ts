import { randomInt } from 'node:crypto'
import type { LogFields } from './log-fields.ts'
import { PhaseEvent } from './phase-event.ts'

export interface EventLimits {
  /** How long Kong waits for one answer of a plugin. */
  readonly phaseTimeoutMs: number
  /** How long an event waits for Kong's next question. */
  readonly eventAgeMs: number
  readonly maxEvents: number
}

export interface EventTableOptions extends EventLimits {
  readonly now: () => number
  readonly onFault: (message: string, fields: LogFields) => void
}

/** The events that Kong may still ask about. */
export class EventTable {
  readonly #options: EventTableOptions
  readonly #events = new Map<number, PhaseEvent>()
  readonly #idle: (() => void)[] = []
  // Kong may bring a question for the process before this one: numbers of two processes must not meet,
  // or the data of one request would be handed to another.
  #nextId = randomInt(2 ** 47)

  constructor(options: EventTableOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#events.size
  }

  get(id: unknown): PhaseEvent | undefined {
    return typeof id === 'number' ? this.#events.get(id) : undefined
  }

  /** A new event. When there is no room, the oldest one makes way. `about` goes into its log lines. */
  open(phase: string, about: LogFields): PhaseEvent {
    if (this.#events.size >= this.#options.maxEvents)
      this.#oldest()?.release('too many open events')
    const event = new PhaseEvent({
      id: this.#nextId++,
      phase,
      now: this.#options.now,
      onFreed: ({ id }) => this.#forget(id),
      onFault: (message, fields) => this.#options.onFault(message, { phase, ...about, ...fields }),
    })
    this.#events.set(event.id, event)
    return event
  }

  /** Releases what has been waiting too long. */
  sweep(): void {
    const now = this.#options.now()
    const { phaseTimeoutMs, eventAgeMs } = this.#options
    for (const event of this.#events.values()) {
      const { for: party, since } = event.waiting
      const limit = party === 'the plugin' ? phaseTimeoutMs : eventAgeMs
      if (now - since >= limit) event.release(`no answer from ${party} within ${limit} ms`)
    }
  }

  releaseAll(reason: string): void {
    for (const event of this.#events.values()) event.release(reason)
  }

  /** Resolves once no event is open. */
  idle(): Promise<void> {
    if (this.#events.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#idle.push(resolve)
    })
  }

  #oldest(): PhaseEvent | undefined {
    for (const event of this.#events.values()) return event
    return undefined
  }

  #forget(id: number): void {
    this.#events.delete(id)
    if (this.#events.size > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
