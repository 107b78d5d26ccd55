import type {
  KeySettings,
  RedisSettings,
  Requirements,
  Settings,
  TrustedIssuer,
} from '../lib/index.ts'
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

export function toRedisSettings({ redis }: Pick<PluginConfig, 'redis'>): RedisSettings {
  return {
    host: redis.host,
    port: redis.port,
    database: redis.database,
    ssl: redis.ssl,
    sslVerify: redis.ssl_verify,
    timeoutMs: redis.timeout,
    connectTimeoutMs: redis.connect_timeout,
    clusterMaxRedirections: redis.cluster_max_redirections,
    ...(redis.username !== undefined && { username: redis.username }),
    ...(redis.password !== undefined && { password: redis.password }),
    ...(redis.server_name !== undefined && { serverName: redis.server_name }),
    ...(redis.ca_file !== undefined && { caFile: redis.ca_file }),
    ...(redis.sentinel_master !== undefined && { sentinelMaster: redis.sentinel_master }),
    ...(redis.sentinel_nodes !== undefined && { sentinelNodes: redis.sentinel_nodes }),
    ...(redis.sentinel_username !== undefined && { sentinelUsername: redis.sentinel_username }),
    ...(redis.sentinel_password !== undefined && { sentinelPassword: redis.sentinel_password }),
    ...(redis.cluster_nodes !== undefined && {
      clusterNodes: redis.cluster_nodes.map(({ ip, port }) => ({ host: ip, port })),
    }),
  }
}

/** What the core compiles from a configuration before it can be settings. */
export interface CompiledParts {
  /** Name of the plugin entity. */
  readonly entity: string
  readonly subjectsOf: (issuer: IssuerConfig) => (subject: string) => boolean
  readonly requirements: Requirements
}

export function toSettings(config: PluginConfig, parts: CompiledParts): Settings {
  const { request_binding: binding } = config
  return {
    audience: config.audience,
    entity: parts.entity,
    requirements: parts.requirements,
    issuers: config.issuers.map((issuer) => ({
      issuer: issuer.issuer,
      speaksFor: parts.subjectsOf(issuer),
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
