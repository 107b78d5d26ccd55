import type { PdkCall } from 'kong-pdk/pdk.js'
import type { CallKind, EventPort } from '../../session/event-port.ts'
import type { PhaseEvent } from '../../session/phase-event.ts'
import { FrameFault } from '../frame-fault.ts'
import { PDK_MESSAGES, type ReadAnswer } from './pdk-messages.ts'
import { type BodyOptions, bodyOf, type RawBody } from './spooled-body.ts'
import { writeMessage } from './write-message.ts'

const EMPTY = new Uint8Array()
const EXIT = 'kong.response.exit'
const GET_RAW_BODY = 'kong.request.get_raw_body'

/** What frames of an event are written to: the connection it lives on. */
export interface FrameSink {
  readonly writable: boolean
  /** Leaves with the next write, after everything that was given before. */
  send(frame: Uint8Array): void
}

export interface EventStreamOptions {
  readonly sink: FrameSink
  /** Of Kong's call, repeated when the event is over. */
  readonly sequence: number
  readonly body: BodyOptions & { readonly maxBytes: number }
  /** Lines that are on their way to Kong's log. They go with the event's last write. */
  readonly notices: () => readonly PdkCall[]
}

/** How an answer is read that Kong owes. Absent for an answer that says nothing. */
type Owed = ReadAnswer | undefined

/**
 * One event on the ProtoBuf wire. Calls are sent as they are made, without waiting for the answers to those
 * before: Kong runs them in the order in which they arrive, and answers in that order.
 */
export class EventStream implements EventPort {
  readonly #options: EventStreamOptions
  readonly #event: PhaseEvent
  readonly #owed: Owed[] = []
  #state: 'open' | 'ended' | 'exited' = 'open'

  constructor(options: EventStreamOptions, open: (port: EventPort) => PhaseEvent) {
    this.#options = options
    this.#event = open(this)
  }

  get event(): PhaseEvent {
    return this.#event
  }

  get listening(): boolean {
    return this.#state === 'open' && this.#options.sink.writable
  }

  /** Whether the connection is free for Kong's next call. Never after an exit: Kong drops it then. */
  get done(): boolean {
    return this.#state === 'ended' && this.#owed.length === 0
  }

  call({ Method, Args }: PdkCall): CallKind {
    const read = this.#send(Method, Args)
    this.#owed.push(Method === GET_RAW_BODY && read ? this.#bodyReader(read, Args[0]) : read)
    return read === undefined ? 'silent' : 'answered'
  }

  exit({ Method, Args }: PdkCall): void {
    // `kong.response.error` is not on this wire; it is an exit with Kong's own kind of body.
    const args = Method === EXIT ? Args : [Args[0], { message: Args[1] ?? 'Error' }, Args[2]]
    const frame = argumentsOf(EXIT, args)
    this.#log()
    this.#pair(EXIT, frame)
    this.#state = 'exited'
    this.#event.free()
  }

  end(): void {
    this.#log()
    this.#options.sink.send(EMPTY)
    this.#options.sink.send(writeMessage('RpcReturn', { sequence: this.#options.sequence }))
    this.#state = 'ended'
    this.#event.free()
  }

  drop(): void {
    // What was called is with Kong already; its answers still come.
  }

  /** Takes a frame that Kong sent while the event was open, or owed answers. Throws `FrameFault`. */
  frame(frame: Buffer): void {
    if (this.#owed.length === 0) {
      throw new FrameFault('a frame came while no answer was awaited')
    }
    const read = this.#owed.shift()
    if (read !== undefined) this.#event.answered([read(frame), undefined])
  }

  #log(): void {
    for (const { Method, Args } of this.#options.notices())
      this.#owed.push(this.#send(Method, Args))
  }

  #send(method: string, args: readonly unknown[]): Owed {
    const frame = argumentsOf(method, args)
    this.#pair(method, frame)
    return PDK_MESSAGES.get(method)?.[1]
  }

  #pair(method: string, frame: Uint8Array): void {
    this.#options.sink.send(nameFrame(method))
    this.#options.sink.send(frame)
  }

  /** The value is a promise, which the plugin waits for as for the answer. */
  #bodyReader(read: ReadAnswer, wanted: unknown): ReadAnswer {
    const { body } = this.#options
    const limit = typeof wanted === 'number' && wanted > 0 ? wanted : body.maxBytes
    return (frame) => {
      const value = bodyOf(read(frame) as RawBody, Math.min(limit, body.maxBytes), body)
      // A plugin that does not wait for the body must not look as if it had lost a rejection.
      value.catch(() => {})
      return value
    }
  }
}

/** The names that are called, as the frames they travel in: a plugin calls few, over and over. */
const NAME_FRAMES = new Map(Array.from(PDK_MESSAGES.keys(), (name) => [name, Buffer.from(name)]))

function nameFrame(method: string): Uint8Array {
  return NAME_FRAMES.get(method) ?? Buffer.from(method)
}

function argumentsOf(method: string, args: readonly unknown[]): Uint8Array {
  const write = PDK_MESSAGES.get(method)?.[0]
  if (write === undefined) throw new TypeError(`${method} is not on the ProtoBuf wire`)
  return write(args)
}
