import type { Claims } from './token/claims.ts'

/** Who called and with what declared intent: every claim here is proven by the issuer's signature. */
export interface Caller {
  readonly claims: Claims
  readonly kid: string
  /** The policy rule that allowed the call; absent with `allow_all`. */
  readonly rule?: string
  /** True when the replay store was away and the token passed from the known-good window. */
  readonly degraded: boolean
}
