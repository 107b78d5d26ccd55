import type { Session } from '../../session/session.ts'
import type { EventTable } from './event-table.ts'
import type { Reply } from './reply.ts'

/** What the methods work on. */
export interface RpcContext extends Session {
  readonly turns: EventTable
}

/** One method that Kong may call. Gives its reply exactly once, at any later time. */
export type RpcMethod = (parameter: RpcParameter, reply: Reply) => void

/** The one parameter a method gets: as received, and its members if it is a map. */
export interface RpcParameter {
  readonly value: unknown
  readonly members: Readonly<Record<string, unknown>>
}

/** A scalar for a message. Objects from the wire may refuse to become text. */
export function scalarText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?'
}
