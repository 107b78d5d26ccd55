import type { Claims } from '../token/claims.ts'

export interface PolicyDecision {
  readonly allow: boolean
  /** There is no policy to ask: the call is refused because of us, and not because of a rule. */
  readonly unavailable?: true
  /** Name of the rule that decided, `default` when none matched; absent with `allow_all`. */
  readonly rule?: string
}

/** Decides on proven claims alone, without I/O. */
export interface Policy {
  decide(claims: Claims): PolicyDecision
  /**
   * There until a policy that comes from a file has been loaded for the first time, or could not be.
   * Wait for it, within the deadline; `decide` refuses every call before. It never rejects.
   */
  readonly loading?: Promise<void> | undefined
}

/** The explicit `policy.allow_all`: every verified caller may pass. */
export const allowAll: Policy = { decide: () => ({ allow: true }) }
