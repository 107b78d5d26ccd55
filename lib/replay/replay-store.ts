/** One use of one token. Times are Unix seconds. */
export interface TokenUse {
  readonly issuer: string
  readonly tokenId: string
  readonly subject: string
  readonly issuedAt: number
  /** From this instant on the token is refused as expired: `exp` plus the leeway. */
  readonly acceptableUntil: number
  /** By how much the clock of another gateway may differ from ours. */
  readonly leewaySeconds: number
  /** The whole token, for stores that keep a digest of what they have verified. */
  readonly token: string
  /** Keeps what one plugin entity has seen apart from the others: audience and entity. */
  readonly realm: string
}

/**
 * - `fresh`: recorded now, never seen before.
 * - `known_good`: the store is away; this process itself verified this token a moment ago.
 * - `seen`: recorded before. `revoked`: the subject is on the list.
 * - `history_unknown`: the token is older than the store's memory.
 * - `full`, `unavailable`: not recorded; nothing is known.
 */
export type UseOutcome =
  | 'fresh'
  | 'known_good'
  | 'seen'
  | 'revoked'
  | 'history_unknown'
  | 'full'
  | 'unavailable'

/** Checks and records a use in one atomic operation. Rejects only for programming errors. Spec 7.1. */
export interface ReplayStore {
  /** `now` is Unix seconds with a fraction, the call's one clock reading. */
  claim(use: TokenUse, now: number): UseOutcome | Promise<UseOutcome>
}
