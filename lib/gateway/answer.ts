import type { AuditEvent } from '../audit/event.ts'
import type { Caller } from '../caller.ts'
import type { Account } from './gateway-call.ts'
import type { HeaderChanges, Pass } from './pass-headers.ts'
import type { RefusalAnswer } from './refusal-body.ts'

/** What a gateway has to do about one call. */
export type Answer = PassAnswer | RefuseAnswer

/** What both kinds of answer carry for the record. */
export interface Recorded {
  /** The decision for the record; absent when there was none to make. */
  readonly event?: AuditEvent | undefined
  /** The audit line for the gateway's own log; absent where the lines go elsewhere, or nowhere. */
  readonly logLine?: string | undefined
}

/** The call goes to the upstream, with its headers changed. */
export interface PassAnswer extends Recorded, HeaderChanges {
  readonly outcome: 'pass'
  readonly as: Pass
  /** Who has been verified; present with `as: 'allow'` alone. */
  readonly caller?: Caller | undefined
  /** To be attached before the call goes on. */
  readonly account?: Account | undefined
}

/** The client gets this answer and the upstream nothing. */
export interface RefuseAnswer extends Recorded, RefusalAnswer {
  readonly outcome: 'refuse'
}
