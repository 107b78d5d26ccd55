import type {
  GatewaySettings,
  KeySettings,
  PolicySettings,
  RedisSettings,
  ReplaySettings,
  TrustedIssuer,
  VerifierSettings,
} from '../lib/index.ts'
import type { PluginConfig } from './plugin-config.ts'

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
    ...(redis.password_file !== undefined && { passwordFile: redis.password_file }),
    ...(redis.server_name !== undefined && { serverName: redis.server_name }),
    ...(redis.ca_file !== undefined && { caFile: redis.ca_file }),
    ...(redis.sentinel_master !== undefined && { sentinelMaster: redis.sentinel_master }),
    ...(redis.sentinel_nodes !== undefined && { sentinelNodes: redis.sentinel_nodes }),
    ...(redis.sentinel_username !== undefined && { sentinelUsername: redis.sentinel_username }),
    ...(redis.sentinel_password !== undefined && { sentinelPassword: redis.sentinel_password }),
    ...(redis.sentinel_password_file !== undefined && {
      sentinelPasswordFile: redis.sentinel_password_file,
    }),
    ...(redis.cluster_nodes !== undefined && {
      clusterNodes: redis.cluster_nodes.map(({ ip, port }) => ({ host: ip, port })),
    }),
  }
}

/** What the core verifies against. `entity` is the name of the plugin entity. */
export function toVerifierSettings(config: PluginConfig, entity: string): VerifierSettings {
  const { request_binding: binding } = config
  return {
    audience: config.audience,
    entity,
    issuers: toTrustedIssuers(config),
    require: config.require,
    policy: toPolicySettings(config),
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

/** One entity of a gateway. `accountHeaders` are those by which the host names an account. */
export function toGatewaySettings(
  config: PluginConfig,
  entity: string,
  accountHeaders: readonly string[] = [],
): GatewaySettings {
  const { consumer, audit } = config
  return {
    verification: toVerifierSettings(config, entity),
    keys: toKeySettings(config),
    replay: toReplaySettings(config),
    passing: {
      enforcement: config.enforcement,
      anonymous: config.anonymous !== undefined,
      preflight: config.run_on_preflight ? 'verify' : 'pass',
      account: consumer.by === 'off' ? 'off' : consumer.optional ? 'optional' : 'required',
      accountHeaders: consumer.by === 'off' ? [] : accountHeaders,
      identityHeaders: config.identity_headers,
    },
    challenge: { realm: config.realm, tells: config.challenge },
    audit: {
      sink: audit.sink === 'kong' ? 'host' : audit.sink,
      context: audit.context,
      ...(audit.file !== undefined && { file: audit.file }),
      ...(audit.hmac_key !== undefined && { hmacKey: audit.hmac_key }),
      ...(audit.hmac_key_file !== undefined && { hmacKeyFile: audit.hmac_key_file }),
    },
  }
}

function toPolicySettings({ policy: { rules, file } }: PluginConfig): PolicySettings {
  if (rules !== undefined) return { rules }
  return file === undefined ? 'allow_all' : { file }
}

/** Where used tokens are kept, and what of a store's answers counts. */
export function toReplaySettings(config: PluginConfig): ReplaySettings {
  const { replay, revocation } = config
  if (replay.store === 'memory') return { store: 'memory', maxEntries: replay.max_entries }
  return {
    store: 'redis',
    redis: toRedisSettings(config),
    keyFormat: replay.key_format,
    revocation: revocation.enabled,
    knownGoodSeconds: replay.known_good_window,
  }
}
