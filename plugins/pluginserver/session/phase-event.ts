import { randomUUID } from 'node:crypto'
import type { PdkCall, PdkPipe } from 'kong-pdk/pdk.js'
import type { Asker } from '../wire/msgpack/asker.ts'
import { encodeValue } from '../wire/msgpack/encode-value.ts'
import { causeText } from './cause-text.ts'
import type { LogFields } from './log-fields.ts'
import { refusal } from './refusal.ts'

/** After these Kong sends nothing more for the event, and the call never returns to the plugin. */
const END_THE_REQUEST: ReadonlySet<string> = new Set(['kong.response.exit', 'kong.response.error'])
/** Before the upstream has seen anything, so that a refusal is still worth something. */
const REFUSABLE: ReadonlySet<string> = new Set(['preread', 'rewrite', 'access'])
const RET = encodeValue('ret')

export interface PhaseEventOptions {
  readonly id: number
  readonly phase: string
  readonly now: () => number
  /** The event has been answered for the last time or was released. Called once. */
  readonly onFreed: (event: PhaseEvent) => void
  /** Something the operator should know; the fields already say which request it was. */
  readonly onFault: (message: string, fields: LogFields) => void
}

interface Outgoing {
  readonly data: Uint8Array
  readonly last: boolean
  settle?: (answer: readonly [value: unknown, error: unknown]) => void
}

/**
 * One run of one phase for one request: the plugin's PDK calls on one side, Kong's questions on the
 * other. Either side may be ahead; what the plugin wants of Kong queues until Kong asks.
 */
export class PhaseEvent implements PdkPipe {
  readonly id: number
  readonly #options: PhaseEventOptions
  /** exiting: a call that ends the request is queued or sent. over: nothing more goes to Kong. */
  #state: 'open' | 'exiting' | 'over' = 'open'
  #freed = false
  readonly #queue: Outgoing[] = []
  #newest: Outgoing | undefined
  /** The call that Kong is running now. */
  #inKong: Outgoing | undefined
  /** Kong's open question; at most one. */
  #asker: Asker | undefined
  #since: number

  constructor(options: PhaseEventOptions) {
    this.id = options.id
    this.#options = options
    this.#since = options.now()
  }

  /** Whose turn it is, and since when on the clock of `now`. */
  get waiting(): { readonly for: 'the plugin' | 'Kong'; readonly since: number } {
    return { for: this.#asker === undefined ? 'Kong' : 'the plugin', since: this.#since }
  }

  /** Kong asks for the first thing to do. */
  begin(asker: Asker): void {
    this.#listen(asker)
  }

  /** Kong has run a call and asks for the next thing to do. False when no call was running. */
  step(asker: Asker, answer: readonly [value: unknown, error: unknown]): boolean {
    const done = this.#inKong
    if (done === undefined) return false
    this.#inKong = undefined
    done.settle?.(answer)
    this.#listen(asker)
    return true
  }

  put(call: PdkCall): void {
    if (this.#state === 'over') throw new Error(`${call.Method} after the end of the phase`)
    if (this.#state === 'exiting') return
    const last = END_THE_REQUEST.has(call.Method)
    try {
      this.#enqueue({ data: encodeValue(call), last })
    } catch (cause) {
      // Plugins do not wait for an exit, so this rejection may reach nobody; the request must end anyway.
      if (last) this.#refuse(`${call.Method} could not be encoded`, cause)
      throw cause
    }
  }

  get(): Promise<readonly [unknown, unknown]> {
    return new Promise((settle) => {
      // After an exit the promise stays open for ever, as in Lua, and is collected with the plugin's code.
      if (this.#state === 'open' && this.#newest !== undefined) this.#newest.settle = settle
    })
  }

  /** The plugin's function has returned. */
  end(): void {
    if (this.#state !== 'open') return
    this.#enqueue({ data: RET, last: true })
    this.#state = 'over'
  }

  /** The plugin's function threw or rejected. */
  fail(cause: unknown): void {
    if (this.#freed && this.#state === 'over') return
    this.#refuse('a phase threw', cause)
  }

  /** Gives up: answers Kong if it is waiting, and lets go of everything the plugin waits for. */
  release(reason: string): void {
    if (this.#freed) return
    const open = [...(this.#inKong === undefined ? [] : [this.#inKong]), ...this.#queue]
    this.#queue.length = 0
    this.#inKong = undefined
    if (this.#asker !== undefined && this.#state === 'open') this.#refuse(reason)
    this.#state = 'over'
    this.#free()
    for (const { settle } of open) settle?.([undefined, reason])
  }

  /** As `release`, when there is nobody left to answer. */
  abandon(reason: string): void {
    this.#asker = undefined
    this.release(reason)
  }

  #refuse(message: string, cause?: unknown): void {
    const requestId = randomUUID()
    this.#options.onFault(message, {
      request_id: requestId,
      cause: cause === undefined ? undefined : causeText(cause),
    })
    if (this.#state !== 'open') return
    const data = REFUSABLE.has(this.#options.phase) ? encodeValue(refusal(requestId)) : RET
    this.#enqueue({ data, last: true })
    this.#state = 'over'
  }

  #enqueue(outgoing: Outgoing): void {
    if (outgoing.last) this.#state = 'exiting'
    this.#newest = outgoing
    this.#queue.push(outgoing)
    this.#send()
  }

  #listen(asker: Asker): void {
    this.#asker = asker
    this.#since = this.#options.now()
    asker.wait(this)
    this.#send()
  }

  #send(): void {
    const asker = this.#asker
    if (asker === undefined) return
    const next = this.#queue.shift()
    if (next === undefined) return
    this.#asker = undefined
    this.#since = this.#options.now()
    asker.answer(this, next.data)
    if (next.last) this.#free()
    else this.#inKong = next
  }

  #free(): void {
    if (this.#freed) return
    this.#freed = true
    this.#options.onFreed(this)
  }
}
