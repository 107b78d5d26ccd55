import type { IdentityToken } from './identity-token.ts'

/** One thing that must hold of an identity token. */
export interface ProviderCheck {
  /** For whoever reads an explanation: `signature`, `audience`, `require repository_owner`. */
  readonly name: string
  /** Resolves with what was found, in words, when it holds. Refuses `oidc_*`. `now` is Unix seconds. */
  run(token: IdentityToken, now: number): string | Promise<string>
}

/** What a check has found. */
export interface CheckFinding {
  readonly name: string
  readonly holds: boolean
  readonly found: string
}
