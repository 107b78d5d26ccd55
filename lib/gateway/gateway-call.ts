import type { CallContext } from '../audit/event.ts'
import type { Body, RequestLine } from '../call.ts'
import type { Claims } from '../token/claims.ts'
import type { HeaderLists } from './header-lists.ts'

/**
 * One request as a gateway hands it over. What costs a round trip is a function; those that are asked more than
 * once give the same promise. Whatever rejects refuses the call.
 */
export interface GatewayCall {
  /** All of them: what the gateway hides cannot be removed. */
  readonly headers: HeaderLists
  method(): Promise<string>
  requestLine(): Promise<RequestLine>
  body(maxBytes: number): Promise<Body>
  /** What the audit line says of the request. `who`: no more than request id and client address are needed. */
  context(wanted: 'who' | 'all'): Promise<CallContext>
  /** Present where the configuration asks for accounts. */
  readonly accounts?: Accounts
}

/** The callers as the gateway itself knows them, such as Kong's consumers. `undefined` is nobody. */
export interface Accounts {
  ofCaller(claims: Claims): Promise<Account | undefined>
  /** The account of whoever has no identity; asked only with `settings.passing.anonymous`. */
  anonymous(): Promise<Account | undefined>
  /** Who another part of the gateway has authenticated already; asked only with `settings.passing.anonymous`. */
  authenticated(): Promise<Account | undefined>
}

export interface Account {
  /** Those of `settings.passing.accountHeaders` that it has; the others are removed. */
  readonly headers: Readonly<Record<string, string>>
  /** Tells the gateway. Absent when it knows. */
  attach?(): Promise<unknown>
}
