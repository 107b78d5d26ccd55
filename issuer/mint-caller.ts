import type { Source } from '../lib/token/claims.ts'

/** Who asks for a token, proven. */
export interface MintCaller {
  /** As the mint policy names it: `client:<name>` or `oidc:<provider>`. */
  readonly name: string
  /** What the rate limit counts: each workload of a provider has its own. */
  readonly limitKey: string
  /** What a workload's identity token makes of it; a client states these itself, within the policy. */
  readonly identity?: WorkloadIdentity
}

/** The claims that a workload's identity token determines. */
export interface WorkloadIdentity {
  readonly sub: string
  readonly src?: Source
}
