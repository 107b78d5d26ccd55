import type { TrustedIssuer } from '../keys/key-settings.ts'
import type { RequireSettings } from '../policy/requirements.ts'
import type { PolicyRule } from '../policy/rule.ts'
import type { Settings } from '../settings.ts'

/** Where the policy is: rules, a file that the host watches, or the explicit permission of everything. */
export type PolicySettings =
  | { readonly rules: readonly PolicyRule[] }
  | { readonly file: string }
  | 'allow_all'

/** What one entity verifies against, as plain data: globs, requirements and rules as the operator wrote them. */
export interface VerifierSettings extends Omit<Settings, 'issuers' | 'requirements'> {
  readonly issuers: readonly TrustedIssuer[]
  readonly require: RequireSettings
  readonly policy: PolicySettings
}
