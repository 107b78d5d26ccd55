import { randomUUID } from 'node:crypto'
import type { PdkCall, PdkPipe } from 'kong-pdk/pdk.js'
import { causeText } from './cause-text.ts'
import type { EventPort } from './event-port.ts'
import type { LogFields } from './log-fields.ts'
import { REFUSABLE, refusal } from './refusal.ts'
import { type OnRefusal, REFUSAL_TEXTS, type RefusalReason } from './refusal-reason.ts'

/** What Kong said to a call. */
export type PdkAnswer = readonly [value: unknown, error: unknown]

/** After these Kong sends nothing more for the event, and the call never returns to the plugin. */
const END_THE_REQUEST: ReadonlySet<string> = new Set(['kong.response.exit', 'kong.response.error'])
const NOTHING: PdkAnswer = [undefined, undefined]

export interface PhaseEventOptions {
  readonly phase: string
  readonly port: EventPort
  readonly now: () => number
  /** The event is over for the wire as well, or was released. Called once. */
  readonly onFreed: (event: PhaseEvent) => void
  /** Something the operator should know; the fields already say which request it was. */
  readonly onFault: (message: string, fields: LogFields) => void
  readonly onRefusal?: OnRefusal | undefined
}

interface Why {
  /** In place of the usual one. */
  readonly text?: string | undefined
  readonly cause?: unknown
}

interface Unanswered {
  settle?: (answer: PdkAnswer) => void
}

/**
 * One run of one phase for one request: the plugin's PDK calls on one side, Kong on the other. How the
 * calls travel is the port's business.
 */
export class PhaseEvent implements PdkPipe {
  readonly #options: PhaseEventOptions
  readonly #port: EventPort
  /** exiting: a call that ends the request is on its way. over: nothing more goes to Kong. */
  #state: 'open' | 'exiting' | 'over' = 'open'
  #freed = false
  /** Oldest first, which is the order in which Kong answers. */
  readonly #unanswered: Unanswered[] = []
  /** The call to which the next `get` belongs. */
  #newest: Unanswered | undefined
  #since: number

  constructor(options: PhaseEventOptions) {
    this.#options = options
    this.#port = options.port
    this.#since = options.now()
  }

  /** Whose turn it is, and since when on the clock of `now`. */
  get waiting(): { readonly for: 'the plugin' | 'Kong'; readonly since: number } {
    return { for: this.#unanswered.length > 0 ? 'Kong' : 'the plugin', since: this.#since }
  }

  put(call: PdkCall): void {
    if (this.#state === 'over') throw new Error(`${call.Method} after the end of the phase`)
    if (this.#state === 'exiting') return
    if (END_THE_REQUEST.has(call.Method)) this.#exit(call)
    else this.#call(call)
  }

  get(): Promise<PdkAnswer> {
    // After an exit the promise stays open for ever, as in Lua, and is collected with the plugin's code.
    if (this.#state !== 'open') return new Promise(() => {})
    const newest = this.#newest
    if (newest === undefined) return Promise.resolve(NOTHING)
    return new Promise((settle) => {
      newest.settle = settle
    })
  }

  /** Kong has answered the oldest call that it owes an answer to. */
  answered(answer: PdkAnswer): void {
    this.#since = this.#options.now()
    this.#unanswered.shift()?.settle?.(answer)
  }

  /** The plugin's function has returned. */
  end(): void {
    if (this.#state !== 'open') return
    this.#state = 'over'
    this.#port.end()
  }

  /** The plugin's function threw or rejected. */
  fail(cause: unknown): void {
    if (this.#freed && this.#state === 'over') return
    this.#refuse('plugin_threw', { cause })
  }

  /** Gives up: answers Kong if it is waiting, and lets go of everything the plugin waits for. */
  release(reason: RefusalReason | 'connection_closed', text?: string): void {
    if (this.#freed) return
    const open = this.#unanswered.splice(0)
    this.#port.drop()
    if (reason !== 'connection_closed' && this.#port.listening && this.#state === 'open') {
      this.#refuse(reason, { text })
    }
    this.#state = 'over'
    this.free()
    for (const { settle } of open) settle?.([undefined, text ?? reason])
  }

  /** The port has told Kong the last of it. */
  free(): void {
    if (this.#freed) return
    this.#freed = true
    this.#options.onFreed(this)
  }

  #call(call: PdkCall): void {
    if (this.#port.call(call) === 'silent') {
      this.#newest = undefined
      return
    }
    if (this.#unanswered.length === 0) this.#since = this.#options.now()
    this.#newest = {}
    this.#unanswered.push(this.#newest)
  }

  #exit(call: PdkCall): void {
    this.#state = 'exiting'
    try {
      this.#port.exit(call)
    } catch (cause) {
      // Plugins do not wait for an exit, so this rejection may reach nobody; the request must end anyway.
      this.#state = 'open'
      this.#refuse('call_not_encodable', { text: `${call.Method} could not be encoded`, cause })
      throw cause
    }
  }

  #refuse(reason: RefusalReason, { text = REFUSAL_TEXTS[reason], cause }: Why): void {
    const requestId = randomUUID()
    this.#options.onFault(text, {
      request_id: requestId,
      cause: cause === undefined ? undefined : causeText(cause),
    })
    if (this.#state !== 'open') return
    this.#state = 'over'
    if (REFUSABLE.has(this.#options.phase)) {
      this.#options.onRefusal?.(reason)
      this.#port.exit(refusal(requestId))
    } else this.#port.end()
  }
}
