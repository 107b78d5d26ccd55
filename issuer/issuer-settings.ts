import type { StaticClient } from './clients/static-clients.ts'
import type { MintRule } from './mint-policy.ts'
import type { OidcProviderSettings } from './oidc/oidc-provider.ts'
import type { RateLimitSettings } from './rate-limit.ts'
import type { RevocationRule } from './revocation-rights.ts'

/** What one issuer is: parsed and checked once, before it listens. */
export interface IssuerSettings {
  /** The `iss` of its tokens: a URL, without a trailing slash where it has no path. */
  readonly issuer: string
  /** Seconds for which verifiers rely on a fetched JWK set. */
  readonly jwksTtlSeconds: number
  readonly clients: readonly StaticClient[]
  readonly providers: readonly OidcProviderSettings[]
  /** Who may mint what; nobody anything by default. */
  readonly rules: readonly MintRule[]
  /** Of each authenticated caller. */
  readonly rateLimit: RateLimitSettings
  /** Of failed attempts, for each peer address. */
  readonly attemptLimit: RateLimitSettings
  readonly revocation: {
    readonly rules: readonly RevocationRule[]
    /** Globs of callers who may read the list. */
    readonly readers: readonly string[]
  }
}

/** PEM texts of the server's certificate chain and private key. */
export interface ServerTls {
  readonly cert: string
  readonly key: string
}
