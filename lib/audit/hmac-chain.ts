import { createHmac } from 'node:crypto'
import { type Clock, formatInstant } from '../ports/clock.ts'
import type { AuditEvent } from './event.ts'
import { renderAuditLine } from './render.ts'

/** Below this a key can be guessed from one line. */
const KEY_BYTES = 32

/** What a chain says of itself, between the decisions it seals. */
export type ChainEvent = 'chain_start' | 'chain_checkpoint' | 'chain_stop'

interface ChainOptions {
  readonly key: Uint8Array
  /** Random, one for each process: a chain that is gone is missed by its id. */
  readonly id: string
  readonly clock: Clock
}

/**
 * Seals the audit lines of one process, so that none can be changed, left out or moved unnoticed
 * without the key. Each line gets `chain`, `seq` from 0, `prev` (the `hmac` of the line before,
 * absent on the first) and `hmac`: HMAC-SHA-256, lower hex, over the text of the line without that
 * member. The text is what counts: nobody has to render it again. Spec 10.3, with what W-25 asks for.
 *
 * A file cut at its end keeps a valid chain. Checkpoints, written every so often also when there is
 * nothing to audit, bound what can be missing; `chain_stop` says that nothing is.
 *
 * Lines must be written in the order in which they were sealed. Throws `RangeError` for a short key.
 */
export class HmacChain {
  readonly #options: ChainOptions
  #seq = 0
  #last: string | undefined

  constructor(options: ChainOptions) {
    checkChainKey(options.key)
    if (!/^[\w-]{1,64}$/.test(options.id))
      throw new RangeError('chain id: 1 to 64 of A–Z a–z 0–9 _ -')
    this.#options = options
  }

  /** The line of a decision, sealed. */
  seal(event: AuditEvent): string {
    // The seal comes after rendering, which cuts values of overlong lines.
    const line = renderAuditLine(event)
    const { id, key } = this.#options
    const prev = this.#last === undefined ? '' : `,"prev":"${this.#last}"`
    const sealed = `${line.slice(0, -1)},"chain":"${id}","seq":${this.#seq}${prev}}`
    const hmac = chainHmac(key, sealed)
    this.#seq += 1
    this.#last = hmac
    return `${sealed.slice(0, -1)},"hmac":"${hmac}"}`
  }

  /** A line about the chain: the first, the last, or one that says "still here". */
  mark(event: ChainEvent): string {
    return this.seal({ ts: formatInstant(this.#options.clock.now()), event })
  }
}

export function checkChainKey(key: Uint8Array): void {
  if (key.length < KEY_BYTES)
    throw new RangeError(`key of the chain: fewer than ${KEY_BYTES} bytes`)
}

/** Over the text of a line without its member `hmac`. */
export function chainHmac(key: Uint8Array, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}
