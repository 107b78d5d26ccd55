import type { EventPort } from './event-port.ts'
import type { LogFields } from './log-fields.ts'
import { PhaseEvent } from './phase-event.ts'
import type { OnRefusal, RefusalReason } from './refusal-reason.ts'

export interface EventLimits {
  /** How long Kong waits for one answer of a plugin. */
  readonly phaseTimeoutMs: number
  /** How long an event waits for Kong. */
  readonly eventAgeMs: number
  readonly maxEvents: number
}

export interface OpenEventsOptions extends EventLimits {
  readonly now: () => number
  readonly onFault: (message: string, fields: LogFields) => void
  readonly onRefusal?: OnRefusal | undefined
}

export interface EventOpening {
  readonly phase: string
  readonly port: EventPort
  /** Goes into the event's log lines. */
  readonly about: LogFields
  readonly onFreed?: () => void
}

/** The events in progress, whatever their wire, and the limits they are held to. */
export class OpenEvents {
  readonly #options: OpenEventsOptions
  /** Oldest first. */
  readonly #events = new Set<PhaseEvent>()
  readonly #idle: (() => void)[] = []

  constructor(options: OpenEventsOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#events.size
  }

  /** A new event. When there is no room, the oldest one makes way. */
  open({ phase, port, about, onFreed }: EventOpening): PhaseEvent {
    if (this.#events.size >= this.#options.maxEvents) this.#oldest()?.release('too_many_events')
    const event = new PhaseEvent({
      phase,
      port,
      now: this.#options.now,
      onRefusal: this.#options.onRefusal,
      onFreed: (freed) => {
        onFreed?.()
        this.#forget(freed)
      },
      onFault: (message, fields) => this.#options.onFault(message, { phase, ...about, ...fields }),
    })
    this.#events.add(event)
    return event
  }

  /** Releases what has been waiting too long. */
  sweep(): void {
    const now = this.#options.now()
    const { phaseTimeoutMs, eventAgeMs } = this.#options
    for (const event of this.#events) {
      const { for: party, since } = event.waiting
      const limit = party === 'the plugin' ? phaseTimeoutMs : eventAgeMs
      if (now - since < limit) continue
      const reason = party === 'the plugin' ? 'plugin_timeout' : 'kong_timeout'
      event.release(reason, `no answer from ${party} within ${limit} ms`)
    }
  }

  releaseAll(reason: RefusalReason): void {
    for (const event of this.#events) event.release(reason)
  }

  /** Resolves once no event is open. */
  idle(): Promise<void> {
    if (this.#events.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#idle.push(resolve)
    })
  }

  #oldest(): PhaseEvent | undefined {
    for (const event of this.#events) return event
    return undefined
  }

  #forget(event: PhaseEvent): void {
    this.#events.delete(event)
    if (this.#events.size > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
