import type { BindingMode, IdentityHeader, PolicyRule, RequireSettings } from '../lib/index.ts'

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
  readonly replay: {
    readonly store: 'memory' | 'redis'
    readonly max_entries: number
    readonly known_good_window: number
    readonly key_format: 'hashed' | 'jti'
  }
  readonly revocation: { readonly enabled: boolean }
  readonly redis: RedisConfig
  readonly policy: {
    readonly rules?: readonly PolicyRule[]
    readonly file?: string
    readonly allow_all: boolean
  }
  readonly require: RequireSettings
  readonly request_binding: {
    readonly mode: BindingMode
    readonly required: 'none' | 'unsafe' | 'all'
    readonly max_body_bytes: number
    readonly ignore_when_off: boolean
  }
  readonly identity_headers: readonly IdentityHeader[]
  readonly consumer: ConsumerConfig
  readonly anonymous?: string
  readonly enforcement: 'enforce' | 'observe'
  readonly run_on_preflight: boolean
  readonly realm: string
  readonly challenge: 'full' | 'minimal'
  readonly audit: {
    readonly sink: 'kong' | 'file' | 'none'
    readonly file?: string
    readonly hmac_key?: string
    readonly hmac_key_file?: string
    readonly context: 'minimal' | 'full'
    readonly serialize: boolean
  }
}

export interface IssuerConfig {
  readonly issuer: string
  readonly jwks_uri?: string
  readonly jwks?: string
  readonly subjects?: readonly string[]
}

export interface RedisConfig {
  readonly host: string
  readonly port: number
  readonly username?: string
  readonly password?: string
  readonly password_file?: string
  readonly database: number
  readonly ssl: boolean
  readonly ssl_verify: boolean
  readonly server_name?: string
  readonly ca_file?: string
  readonly timeout: number
  readonly connect_timeout: number
  readonly sentinel_master?: string
  readonly sentinel_nodes?: readonly { readonly host: string; readonly port: number }[]
  readonly sentinel_username?: string
  readonly sentinel_password?: string
  readonly sentinel_password_file?: string
  readonly cluster_nodes?: readonly { readonly ip: string; readonly port: number }[]
  readonly cluster_max_redirections: number
}

export interface ConsumerConfig {
  readonly by: 'off' | 'subject' | 'claim'
  readonly claim?: ConsumerClaim
  readonly optional: boolean
}

export type ConsumerClaim =
  | 'iss'
  | 'act'
  | 'env'
  | 'tenant'
  | 'delegated_by'
  | 'src.type'
  | 'src.repo'
  | 'src.workflow'
