import type { PdkCall } from 'kong-pdk/pdk.js'
import type { CallKind, EventPort } from '../../session/event-port.ts'
import type { PdkAnswer, PhaseEvent } from '../../session/phase-event.ts'
import { encodeValue } from './encode-value.ts'

const RET = encodeValue('ret')

/** Who asked one question of a phase: Kong waits on its connection until `answer`. */
export interface Asker {
  /** From now on, the event is to be abandoned if the connection goes away. */
  wait(turns: Turns): void
  /** Sends what Kong shall do next, as MessagePack, and ends the wait. */
  answer(turns: Turns, data: Uint8Array): void
}

interface Outgoing {
  readonly data: Uint8Array
  readonly last: boolean
}

/**
 * One event on MessagePack: Kong asks for the next thing to do, does it, and asks again. What the plugin
 * wants of Kong queues until Kong asks.
 */
export class Turns implements EventPort {
  readonly id: number
  readonly #event: PhaseEvent
  readonly #queue: Outgoing[] = []
  /** Kong is running a call. */
  #running = false
  /** Kong's open question; at most one. */
  #asker: Asker | undefined

  constructor(id: number, open: (port: EventPort) => PhaseEvent) {
    this.id = id
    this.#event = open(this)
  }

  get event(): PhaseEvent {
    return this.#event
  }

  get listening(): boolean {
    return this.#asker !== undefined
  }

  /** Kong asks for the first thing to do. */
  begin(asker: Asker): void {
    this.#listen(asker)
  }

  /** Kong has run a call and asks for the next thing to do. False when no call was running. */
  step(asker: Asker, answer: PdkAnswer): boolean {
    if (!this.#running) return false
    this.#running = false
    this.#event.answered(answer)
    this.#listen(asker)
    return true
  }

  call(call: PdkCall): CallKind {
    this.#enqueue({ data: encodeValue(call), last: false })
    return 'answered'
  }

  exit(call: PdkCall): void {
    this.#enqueue({ data: encodeValue(call), last: true })
  }

  end(): void {
    this.#enqueue({ data: RET, last: true })
  }

  drop(): void {
    this.#queue.length = 0
    this.#running = false
  }

  /** The connection of the open question is gone. */
  abandon(): void {
    this.#asker = undefined
    this.#event.release('connection_closed')
  }

  #enqueue(outgoing: Outgoing): void {
    this.#queue.push(outgoing)
    this.#send()
  }

  #listen(asker: Asker): void {
    this.#asker = asker
    asker.wait(this)
    this.#send()
  }

  #send(): void {
    const asker = this.#asker
    if (asker === undefined) return
    const next = this.#queue.shift()
    if (next === undefined) return
    this.#asker = undefined
    this.#running = !next.last
    asker.answer(this, next.data)
    if (next.last) this.#event.free()
  }
}
