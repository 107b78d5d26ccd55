import type { BindingMode, PolicyRule } from '../lib/index.ts'

/** A configuration that `config.schema.json` accepts, with its defaults filled in. */
export interface PluginConfig {
  readonly audience: string
  readonly issuers: readonly IssuerConfig[]
  readonly accept_bearer: boolean
  readonly clock_skew_leeway: number
  readonly max_token_lifetime: number
  readonly max_token_bytes: number
  readonly deadline_ms: number
  readonly keys: {
    readonly ttl: number
    readonly stale_if_error: number
    readonly refresh_cooldown: number
    readonly timeout_ms: number
    readonly allow_http: boolean
    readonly ca_file?: string
  }
  readonly replay: { readonly store: 'memory'; readonly max_entries: number }
  readonly policy: { readonly rules?: readonly PolicyRule[]; readonly allow_all: boolean }
  readonly request_binding: {
    readonly mode: BindingMode
    readonly required: 'none' | 'unsafe' | 'all'
    readonly max_body_bytes: number
    readonly ignore_when_off: boolean
  }
  readonly identity_headers: readonly IdentityHeader[]
  readonly realm: string
  readonly audit: {
    readonly sink: 'kong' | 'file' | 'none'
    readonly file?: string
    readonly context: 'minimal' | 'full'
  }
}

export interface IssuerConfig {
  readonly issuer: string
  readonly jwks_uri?: string
  readonly jwks?: string
  readonly subjects?: readonly string[]
}

export type IdentityHeader =
  | 'subject'
  | 'action'
  | 'token_id'
  | 'issuer'
  | 'env'
  | 'tenant'
  | 'scope'
  | 'source'
  | 'delegated_by'
  | 'expires_at'
  | 'reason'
