import type { Ed25519Engine } from '../keys/ed25519.ts'
import { KeyCache } from '../keys/key-cache.ts'
import type { KeySetStats } from '../keys/key-set.ts'
import { KeySetPool } from '../keys/key-set-pool.ts'
import { openEd25519 } from '../keys/open-ed25519.ts'
import type { Meter } from '../metrics/meter.ts'
import type { DocumentReader } from '../policy/document.ts'
import { PolicyFile } from '../policy/policy-file.ts'
import { type Clock, systemClock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import { directly, type ProxyFor } from '../ports/proxy.ts'
import { systemRandom } from '../ports/random.ts'
import { monotonic, type Stopwatch } from '../ports/stopwatch.ts'
import type { RedisSettings } from '../redis/redis-settings.ts'
import { AudienceStores } from '../replay/audience-stores.ts'
import { MemoryReplayStore } from '../replay/memory-store.ts'
import { offeredReplayStore } from '../replay/offered-store.ts'
import { RedisReplay } from '../replay/redis-replay.ts'
import type { ReplayStore } from '../replay/replay-store.ts'
import { RecentLines } from '../status/recent-lines.ts'
import type { GatewaySnapshot, IssuerStatus } from '../status/snapshot.ts'
import { withoutUserinfo } from '../status/without-userinfo.ts'
import type { Tracing } from '../trace/tracing.ts'
import type { VerifierSettings } from '../verify/verifier-settings.ts'
import { AuditTrails } from './audit-trails.ts'
import type { GatewaySettings, ReplaySettings } from './gateway-settings.ts'
import { KnownEntities } from './known-entities.ts'
import { Shared } from './shared.ts'

/** Bound on distinct key sets of one process; each is one issuer with its settings. */
const MAX_KEY_SETS = 4096

export interface ResourcesOptions {
  readonly log: Log
  /** Reads and checks a policy file. */
  readonly readPolicy: DocumentReader
  /** Unix seconds at which this process began: what was used before is not known to it. */
  readonly startedAt: number
  /** What audit lines call the gateway; absent where its own log says it. */
  readonly gateway?: string
  readonly clock?: Clock
  readonly stopwatch?: Stopwatch
  /** What verifies signatures; the fastest that is installed, where absent. */
  readonly ed25519?: Ed25519Engine
  /** How keys are fetched; directly, where absent. */
  readonly proxyFor?: ProxyFor
  /** Whoever keeps figures; absent where nobody does. */
  readonly meter?: Meter | undefined
  /** Whoever traces decisions; absent where nobody does. */
  readonly tracing?: Tracing | undefined
}

/**
 * All that the entities of one process share, and that outlives each of them: keys, replay records, policy
 * files, audit files. Nothing is opened before an entity asks for it. Faults are `TypeError` or `RangeError` that
 * begin with the path of the field.
 */
export class Resources {
  readonly log: Log
  readonly gateway: string | undefined
  readonly clock: Clock
  readonly stopwatch: Stopwatch
  readonly trails: AuditTrails
  readonly meter: Meter | undefined
  readonly tracing: Tracing | undefined
  readonly #options: ResourcesOptions
  readonly #keys: KeySetPool
  readonly #stores: AudienceStores
  readonly #recent: RecentLines
  readonly #entities = new KnownEntities()
  readonly #redis = new Shared<RedisReplay>()
  readonly #policies = new Shared<PolicyFile>()
  #memory: MemoryReplayStore | undefined
  #ed25519: Ed25519Engine | undefined

  constructor(options: ResourcesOptions) {
    const { clock = systemClock, stopwatch = monotonic, proxyFor = directly } = options
    const log = new RecentLines(options.log, clock)
    this.#options = options
    this.meter = options.meter
    this.tracing = options.tracing
    this.#recent = log
    this.log = log
    this.gateway = options.gateway
    this.clock = clock
    this.stopwatch = stopwatch
    this.#keys = new KeySetPool({
      clock,
      log,
      proxyFor,
      maxSets: MAX_KEY_SETS,
      onFetch: (name, result) => {
        const issuer = withoutUserinfo(name)
        this.meter?.counter('oathmesh_jwks_fetches_total', { issuer, result }).add()
      },
    })
    this.#stores = new AudienceStores(log)
    this.trails = new AuditTrails({ clock, stopwatch, log })
    this.meter?.gauge('oathmesh_ed25519_info', () =>
      this.#ed25519 === undefined ? [] : [[{ engine: this.#ed25519.name }, 1]],
    )
  }

  /** The one engine of this process, loaded when it is first asked for. */
  get ed25519(): Ed25519Engine {
    this.#ed25519 ??= this.#options.ed25519 ?? openEd25519(this.log)
    return this.#ed25519
  }

  /** The keys of the issuers, of which the first fetch begins now. */
  keys({ verification: { issuers }, keys: settings }: GatewaySettings): KeyCache {
    const keys = new KeyCache({
      issuers,
      settings,
      pool: this.#keys,
      clock: this.clock,
      log: this.log,
    })
    void keys.prewarm()
    return keys
  }

  /** Where used tokens of this audience are kept. Warns when others of its entities keep them elsewhere. */
  replay(settings: ReplaySettings, audience: string): ReplayStore {
    this.#stores.note(audience, settings)
    return settings.store === 'memory'
      ? this.#memoryStore(settings.maxEntries)
      : this.#redisOf(settings.redis).store(settings)
  }

  /** The policy in a file; `undefined` where the settings name none. */
  policyFile({ policy, audience, issuers }: VerifierSettings): PolicyFile | undefined {
    if (policy === 'allow_all' || !('file' in policy)) return undefined
    const { file: path } = policy
    const scope = { audience, issuers: issuers.map(({ issuer }) => issuer) }
    const { readPolicy: read } = this.#options
    const { log } = this
    return this.#policies.of([path, scope], () => new PolicyFile({ path, scope, read, log }))
  }

  /**
   * Why an entity with these settings cannot decide on any call yet. What has been there once counts as there: that
   * an issuer or a Redis is away now is to be seen elsewhere, and no reason to take a gateway out of service.
   */
  lacks({ verification, replay }: GatewaySettings, keys: KeyCache): readonly string[] {
    const sets = keys.stats()
    const fetched = sets.length === 0 || sets.some(({ everFetched }) => everFetched)
    const names = sets.map(({ issuer }) => withoutUserinfo(issuer))
    const policy = this.policyFile(verification)?.status
    const redis = replay.store === 'redis' ? this.#redisOf(replay.redis).status : undefined
    return [
      ...(fetched ? [] : names.map((issuer) => `the keys of ${issuer} were never fetched`)),
      ...(policy !== undefined && policy.sha256 === undefined
        ? [`the policy ${policy.policy} was never loaded`]
        : []),
      ...(redis?.became_up === 0 ? [`Redis ${redis.redis} was never reached`] : []),
    ]
  }

  /** Takes note of an entity that is being opened. */
  note(settings: GatewaySettings): void {
    this.#entities.note(settings)
  }

  /** How it goes, for whoever looks after this process. Asks nobody and waits for nothing. */
  snapshot(): GatewaySnapshot {
    const policies = [...this.#policies.all].map((policy) => policy.status)
    return {
      entities: this.#entities.entities,
      issuers: this.#keys.stats().map(issuerStatus),
      redis: [...this.#redis.all].map((redis) => redis.status),
      ...(this.#memory !== undefined && { memory: this.#memory.status }),
      policies: [...policies, ...this.#entities.policies],
      audit: this.trails.status,
      warnings: this.#recent.lines,
    }
  }

  /** For emergencies: every fetched key is forgotten and fetched anew. */
  purgeKeys(): void {
    this.#keys.purge()
  }

  /** Ends what was opened: connections, watches, audit chains. Nothing may be asked afterwards. */
  async close(): Promise<void> {
    this.trails.close()
    const opened = [...this.#redis.all, ...this.#policies.all]
    await Promise.all(opened.map((one) => one.close()))
  }

  /** One store for the whole process: two entities with one audience must not each accept a token. */
  #memoryStore(maxEntries: number): ReplayStore {
    const offered = offeredReplayStore()
    if (offered !== undefined) {
      offered.reserve(maxEntries)
      return offered
    }
    const { startedAt } = this.#options
    this.#memory ??= new MemoryReplayStore({ maxEntries, startedAt })
    this.#memory.reserve(maxEntries)
    return this.#memory
  }

  #redisOf(settings: RedisSettings): RedisReplay {
    return this.#redis.of(settings, () => this.#openRedis(settings))
  }

  #openRedis(settings: RedisSettings): RedisReplay {
    const { clock, log, stopwatch } = this
    const redis = new RedisReplay({ settings, clock, log, stopwatch, random: systemRandom })
    void redis.open()
    return redis
  }
}

function issuerStatus({ issuer, ageSeconds, ...stats }: KeySetStats): IssuerStatus {
  const { source, state, keys, fetches, failures } = stats
  return {
    issuer: withoutUserinfo(issuer),
    source,
    state,
    keys,
    ...(ageSeconds !== undefined && { age_seconds: Math.round(ageSeconds) }),
    fetches,
    failures,
  }
}
