import type { KeySettings, Settings, TrustedIssuer } from '../lib/index.ts'
import type { IssuerConfig, PluginConfig } from './plugin-config.ts'

/** The trusted issuers in the core's terms. */
export function toTrustedIssuers(config: PluginConfig): readonly TrustedIssuer[] {
  return config.issuers.map(({ issuer, jwks_uri, jwks, subjects }) => ({
    issuer,
    ...(jwks_uri !== undefined && { jwksUri: jwks_uri }),
    ...(jwks !== undefined && { jwks }),
    ...(subjects !== undefined && { subjects }),
  }))
}

export function toKeySettings({ keys }: PluginConfig): KeySettings {
  return {
    ttlSeconds: keys.ttl,
    staleIfErrorSeconds: keys.stale_if_error,
    refreshCooldownSeconds: keys.refresh_cooldown,
    timeoutMs: keys.timeout_ms,
    allowHttp: keys.allow_http,
    ...(keys.ca_file !== undefined && { caFile: keys.ca_file }),
  }
}

/** Gives the predicate for one issuer's `subjects`. */
export type SubjectMatcher = (issuer: IssuerConfig) => (subject: string) => boolean

export function toSettings(
  config: PluginConfig,
  entity: string,
  subjectsOf: SubjectMatcher,
): Settings {
  const { request_binding: binding } = config
  return {
    audience: config.audience,
    entity,
    issuers: config.issuers.map((issuer) => ({
      issuer: issuer.issuer,
      speaksFor: subjectsOf(issuer),
    })),
    acceptBearer: config.accept_bearer,
    leewaySeconds: config.clock_skew_leeway,
    maxLifetimeSeconds: config.max_token_lifetime,
    maxTokenBytes: config.max_token_bytes,
    deadlineMs: config.deadline_ms,
    binding: {
      mode: binding.mode,
      required: binding.required,
      maxBodyBytes: binding.max_body_bytes,
      ignoreWhenOff: binding.ignore_when_off,
    },
  }
}
