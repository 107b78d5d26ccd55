import { randomInt } from 'node:crypto'
import type { LogFields } from '../../session/log-fields.ts'
import type { OpenEvents } from '../../session/open-events.ts'
import { Turns } from './turns.ts'

/** The events that Kong may still ask about, by the number that it repeats with every question. */
export class EventTable {
  readonly #events: OpenEvents
  readonly #turns = new Map<number, Turns>()
  // Kong may bring a question for the process before this one: numbers of two processes must not meet,
  // or the data of one request would be handed to another.
  #nextId = randomInt(2 ** 47)

  constructor(events: OpenEvents) {
    this.#events = events
  }

  get(id: unknown): Turns | undefined {
    return typeof id === 'number' ? this.#turns.get(id) : undefined
  }

  /** A new event. `about` goes into its log lines. */
  open(phase: string, about: LogFields): Turns {
    const id = this.#nextId++
    const onFreed = () => this.#turns.delete(id)
    const turns = new Turns(id, (port) => this.#events.open({ phase, port, about, onFreed }))
    this.#turns.set(id, turns)
    return turns
  }
}
