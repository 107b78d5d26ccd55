import { randomUUID } from 'node:crypto'
import { refusal } from '../../session/refusal.ts'
import { REFUSAL_TEXTS, type RefusalReason } from '../../session/refusal-reason.ts'
import { errorFrame, resultFrame, stepFrame } from './answer-frame.ts'
import { encodeValue } from './encode-value.ts'
import type { Asker, Turns } from './turns.ts'

/** Where an answer goes: one connection of Kong's. */
export interface Line {
  readonly waiting: Set<Turns>
  write(frame: Uint8Array): void
  /** Takes note of a refusal that is about to be written. */
  refused(reason: RefusalReason, text: string, requestId: string): void
}

/** The one answer that a request of Kong's gets. */
export class Reply implements Asker {
  readonly #line: Line
  readonly #messageId: number

  constructor(line: Line, messageId: number) {
    this.#line = line
    this.#messageId = messageId
  }

  wait(turns: Turns): void {
    this.#line.waiting.add(turns)
  }

  answer(turns: Turns, data: Uint8Array): void {
    this.#line.waiting.delete(turns)
    this.#line.write(stepFrame(this.#messageId, data, turns.id))
  }

  result(value: unknown): void {
    this.#line.write(resultFrame(this.#messageId, value))
  }

  /** Not for phases: Kong proxies the request on. */
  error(message: string): void {
    this.#line.write(errorFrame(this.#messageId, message))
  }

  /** Ends the request to which the question belonged, for a reason that only the operator gets to know. */
  refuse(reason: RefusalReason, text: string = REFUSAL_TEXTS[reason]): void {
    const requestId = randomUUID()
    this.#line.refused(reason, text, requestId)
    // Kong goes by the event number of its first answer and ignores this one.
    this.#line.write(stepFrame(this.#messageId, encodeValue(refusal(requestId)), 0))
  }
}
