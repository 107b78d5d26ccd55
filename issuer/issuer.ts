import type { AuditSink } from '../lib/audit/audit-sink.ts'
import type { Meter } from '../lib/metrics/meter.ts'
import type { Clock } from '../lib/ports/clock.ts'
import { type Http, NodeHttp } from '../lib/ports/http.ts'
import type { Log } from '../lib/ports/log.ts'
import type { ProxyFor } from '../lib/ports/proxy.ts'
import type { Stopwatch } from '../lib/ports/stopwatch.ts'
import type { RevocationList } from '../lib/revocation/revocation-list.ts'
import { Authenticator } from './authenticator.ts'
import { StaticClients } from './clients/static-clients.ts'
import { IssuerAudit } from './issuer-audit.ts'
import { IssuerMeter } from './issuer-meter.ts'
import type { IssuerSettings } from './issuer-settings.ts'
import type { KeySchedule } from './keys/key-schedule.ts'
import { MintPolicy } from './mint-policy.ts'
import { Minter } from './minter.ts'
import { OidcProvider } from './oidc/oidc-provider.ts'
import { ProviderKeys } from './oidc/provider-keys.ts'
import { RateLimit } from './rate-limit.ts'
import { RevocationRights } from './revocation-rights.ts'

export interface IssuerOptions {
  readonly settings: IssuerSettings
  readonly keys: { readonly schedule: KeySchedule }
  /** Absent: revocation is disabled. */
  readonly revocations?: RevocationList | undefined
  readonly audit: AuditSink
  readonly clock: Clock
  readonly stopwatch: Stopwatch
  readonly log: Log
  /** Whoever keeps figures; absent where nobody does. */
  readonly meter?: Meter | undefined
  /** Asks a provider; by default one client for each, which trusts that provider's authorities. */
  readonly http?: Http
  /** How those clients reach a provider; directly, where absent. */
  readonly proxyFor?: ProxyFor
}

/** All that the routes of an issuer need. */
export interface Issuer {
  readonly settings: IssuerSettings
  readonly keys: IssuerOptions['keys']
  readonly authenticator: Authenticator
  /** By their `iss`. */
  readonly providers: ReadonlyMap<string, OidcProvider>
  readonly policy: MintPolicy
  readonly minter: Minter
  readonly rateLimit: RateLimit
  readonly rights: RevocationRights
  readonly revocations: RevocationList | undefined
  readonly audit: IssuerAudit
  readonly meter: IssuerMeter | undefined
  readonly clock: Clock
  readonly stopwatch: Stopwatch
  readonly log: Log
}

/** Wires an issuer. Throws `TypeError` that names the faulty field of its settings. */
export function createIssuer(options: IssuerOptions): Issuer {
  const { settings, keys, revocations, clock, stopwatch, log } = options
  const callers = [
    ...settings.clients.map(({ name }) => `client:${name}`),
    ...settings.providers.map(({ name }) => `oidc:${name}`),
  ]
  const providers = providersOf(options)
  const authenticator = new Authenticator({
    clients: new StaticClients(settings.clients),
    providers,
    attempts: new RateLimit(settings.attemptLimit, stopwatch),
    clock,
  })
  const meter = options.meter && new IssuerMeter(options.meter)
  const policy = new MintPolicy(settings.rules, callers)
  return {
    settings,
    keys,
    authenticator,
    providers,
    policy,
    minter: new Minter({ issuer: settings.issuer, policy, keys }),
    rateLimit: new RateLimit(settings.rateLimit, stopwatch),
    rights: new RevocationRights(settings.revocation.rules, settings.revocation.readers),
    revocations,
    audit: new IssuerAudit(options.audit, clock, meter),
    meter,
    clock,
    stopwatch,
    log,
  }
}

function providersOf({
  settings,
  http,
  proxyFor,
  stopwatch,
  log,
}: IssuerOptions): ReadonlyMap<string, OidcProvider> {
  const providers = new Map<string, OidcProvider>()
  const names = new Set<string>()
  for (const [index, provider] of settings.providers.entries()) {
    const path = `oidc[${index}]`
    if (names.has(provider.name)) throw new TypeError(`${path}.name: is given twice`)
    if (providers.has(provider.issuer)) throw new TypeError(`${path}.issuer: is given twice`)
    names.add(provider.name)
    const keys = new ProviderKeys({
      location: provider.keys,
      allowHttp: provider.allowHttp,
      http: http ?? new NodeHttp({ ca: provider.ca, proxyFor }),
      stopwatch,
      log,
    })
    providers.set(provider.issuer, new OidcProvider(provider, keys, path))
  }
  return providers
}
