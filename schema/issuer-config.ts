import type { PolicyRule } from '../lib/index.ts'
import type { PluginConfig } from './plugin-config.ts'

/** A configuration that `issuer-config.schema.json` accepts, with its defaults filled in. */
export interface IssuerConfig {
  readonly issuer: string
  readonly listen: {
    readonly host: string
    readonly port: number
    readonly plain_http: boolean
    readonly tls?: { readonly cert_file: string; readonly key_file: string }
  }
  readonly keys: { readonly directory: string; readonly jwks_ttl: number }
  readonly clients: readonly {
    readonly name: string
    readonly secret_hashes: readonly string[]
  }[]
  readonly oidc: readonly OidcConfig[]
  readonly rules: readonly MintRuleConfig[]
  readonly rate_limit: {
    readonly per_minute: number
    readonly burst: number
    readonly failed_per_minute: number
    readonly failed_burst: number
  }
  readonly revocation: {
    readonly redis?: PluginConfig['redis']
    readonly admins: readonly {
      readonly callers: readonly string[]
      readonly subjects: readonly string[]
    }[]
    readonly readers: readonly string[]
  }
  readonly audit: { readonly sink: 'stdout' | 'file' | 'none'; readonly file?: string }
  readonly metrics?: { readonly listen: string; readonly rotation_days: number }
}

export interface OidcConfig {
  readonly name: string
  readonly issuer: string
  readonly audience: string
  readonly jwks_uri?: string
  readonly jwks_file?: string
  readonly ca_file?: string
  readonly allow_http: boolean
  readonly algorithms: readonly string[]
  readonly require: Readonly<Record<string, readonly string[]>>
  readonly subject: string
  readonly source: {
    readonly type?: string
    readonly repo?: string
    readonly workflow?: string
    readonly run_id?: string
    readonly sha?: string
  }
}

export type MintRuleConfig = PolicyRule & {
  readonly callers: readonly string[]
  readonly scopes?: readonly string[]
  readonly max_ttl: number
}
