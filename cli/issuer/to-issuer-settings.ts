import { readFileSync } from 'node:fs'
import type { IssuerSettings, OidcProviderSettings, ServerTls } from '../../issuer/index.ts'
import { errorMessage } from '../../lib/error-message.ts'
import type { RedisSettings } from '../../lib/index.ts'
import type { IssuerConfig, OidcConfig } from '../../schema/issuer-config.ts'
import { toRedisSettings } from '../../schema/to-settings.ts'
import { InputError } from '../terminal/input-error.ts'
import type { OpenedIssuerConfig } from './open-issuer-config.ts'

/** The configuration in the core's terms. Throws `InputError` for a file that cannot be read. */
export function toIssuerSettings({ config, locate }: OpenedIssuerConfig): IssuerSettings {
  const { rate_limit: limit, revocation } = config
  return {
    issuer: config.issuer,
    jwksTtlSeconds: config.keys.jwks_ttl,
    clients: config.clients.map(({ name, secret_hashes }) => ({
      name,
      secretHashes: secret_hashes,
    })),
    providers: config.oidc.map((provider, index) => toProvider(provider, index, locate)),
    rules: config.rules.map(({ max_ttl, ...rule }) => ({ ...rule, maxTtlSeconds: max_ttl })),
    rateLimit: { perMinute: limit.per_minute, burst: limit.burst },
    attemptLimit: { perMinute: limit.failed_per_minute, burst: limit.failed_burst },
    revocation: { rules: revocation.admins, readers: revocation.readers },
  }
}

function toProvider(
  { jwks_uri, jwks_file, ca_file, allow_http, ...same }: OidcConfig,
  index: number,
  locate: OpenedIssuerConfig['locate'],
): OidcProviderSettings {
  const keys =
    jwks_uri !== undefined
      ? ({ from: 'uri', uri: jwks_uri } as const)
      : jwks_file !== undefined
        ? ({ from: 'file', path: locate(jwks_file) } as const)
        : ({ from: 'discovery', issuer: same.issuer } as const)
  const settings = { ...same, keys, allowHttp: allow_http }
  if (ca_file === undefined) return settings
  return { ...settings, ca: readText(locate(ca_file), `oidc[${index}].ca_file`) }
}

/** The server's certificate and key, where the configuration names them. Throws `InputError`. */
export function tlsOf({ config, locate }: OpenedIssuerConfig): ServerTls | undefined {
  const { tls } = config.listen
  if (tls === undefined) return undefined
  return {
    cert: readText(locate(tls.cert_file), 'listen.tls.cert_file'),
    key: readText(locate(tls.key_file), 'listen.tls.key_file'),
  }
}

function readText(path: string, field: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new InputError(`${field}: ${errorMessage(cause)}`)
  }
}

type RedisConfig = NonNullable<IssuerConfig['revocation']['redis']>

/** The Redis of the revocations in the core's terms. */
export function toRevocationRedis(
  redis: RedisConfig,
  locate: OpenedIssuerConfig['locate'],
): RedisSettings {
  const settings = toRedisSettings({ redis })
  const { caFile, passwordFile, sentinelPasswordFile } = settings
  return {
    ...settings,
    ...(caFile !== undefined && { caFile: locate(caFile) }),
    ...(passwordFile !== undefined && { passwordFile: locate(passwordFile) }),
    ...(sentinelPasswordFile !== undefined && {
      sentinelPasswordFile: locate(sentinelPasswordFile),
    }),
  }
}
