import type { IdentityHeader, PolicyRule, RequireSettings } from '../../../lib/index.ts'
import type { IssuerConfig, PluginConfig, RedisConfig } from '../../../schema/plugin-config.ts'

type Records = 'keys' | 'replay' | 'revocation' | 'request_binding' | 'audit'
type Values =
  | 'accept_bearer'
  | 'clock_skew_leeway'
  | 'max_token_lifetime'
  | 'max_token_bytes'
  | 'deadline_ms'
  | 'enforcement'
  | 'run_on_preflight'
  | 'realm'
  | 'challenge'

/** A configuration as the gateways take it, without what only they can do. Defaults are those of the reference. */
export type VerifierConfig = Partial<Pick<PluginConfig, Values>> & {
  readonly [Name in Records]?: Partial<PluginConfig[Name]>
} & {
  readonly audience: string
  readonly issuers: readonly IssuerConfig[]
  readonly policy:
    | { readonly rules: readonly PolicyRule[] }
    | { readonly file: string }
    | { readonly allow_all: true }
  readonly redis?: Partial<RedisConfig>
  readonly require?: RequireSettings
  readonly identity_headers?: readonly IdentityHeader[]
}
