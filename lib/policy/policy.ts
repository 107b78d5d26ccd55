import type { Claims } from '../token/claims.ts'

export interface PolicyDecision {
  readonly allow: boolean
  /** Name of the rule that decided, `default` when none matched; absent with `allow_all`. */
  readonly rule?: string
}

/** Decides on proven claims alone, without I/O. */
export interface Policy {
  decide(claims: Claims): PolicyDecision
}

/** The explicit `policy.allow_all`: every verified caller may pass. */
export const allowAll: Policy = { decide: () => ({ allow: true }) }
