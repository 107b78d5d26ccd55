import { createHash } from 'node:crypto'
import {
  allowAll,
  type Clock,
  compileGlob,
  compileRequirements,
  compileRules,
  FileSink,
  KeyCache,
  KeySetPool,
  type Log,
  MemoryReplayStore,
  monotonic,
  type Policy,
  PolicyFile,
  RedisReplay,
  type ReplayStore,
  renderAuditLine,
  SealedFile,
  stderrLog,
  systemClock,
  systemRandom,
  Verifier,
} from '../../lib/index.ts'
import { configurationError, parseConfig } from '../../schema/parse-config.ts'
import type { IssuerConfig, PluginConfig } from '../../schema/plugin-config.ts'
import { readPolicy } from '../../schema/read-policy.ts'
import {
  toKeySettings,
  toRedisSettings,
  toSettings,
  toTrustedIssuers,
} from '../../schema/to-settings.ts'
import { type AuditWriter, Handler } from './handler.ts'

/** Bound on distinct key sets of one process; each is one issuer with its settings. */
const MAX_KEY_SETS = 4096

/**
 * All that outlives an instance: Kong drops instances that idle for a minute and starts them anew, and
 * each worker has its own. Nothing here is opened before a configuration asks for it.
 */
class Runtime {
  readonly #clock: Clock = systemClock
  readonly #log: Log = stderrLog
  /** Unix seconds. Read while the plugin is loaded, before it can have seen any token. */
  readonly #startedAt = this.#clock.now() / 1000 - process.uptime()
  readonly #keys = new KeySetPool({ clock: this.#clock, log: this.#log, maxSets: MAX_KEY_SETS })
  readonly #redis = new Map<string, RedisReplay>()
  readonly #policies = new Map<string, PolicyFile>()
  readonly #files = new Map<string, FileSink>()
  readonly #sealed = new Map<string, SealedFile>()
  #memory: MemoryReplayStore | undefined
  #hearsSignals = false

  /** Wires one plugin entity. Throws `TypeError` that names every faulty field. */
  handler(raw: unknown): Handler {
    const config = parseConfig(raw)
    const verifier = new Verifier({
      settings: toSettings(config, {
        entity: entityOf(raw),
        subjectsOf,
        requirements: compileRequirements(config.require),
      }),
      ports: {
        keys: this.#keysFor(config),
        policy: this.#policyFor(config),
        replay: this.#replayFor(config),
      },
      clock: this.#clock,
      stopwatch: monotonic,
    })
    this.#hearSignals()
    return new Handler({ config, verifier, writeAudit: this.#writerFor(config), log: this.#log })
  }

  #keysFor(config: PluginConfig): KeyCache {
    const keys = new KeyCache({
      issuers: toTrustedIssuers(config),
      settings: toKeySettings(config),
      pool: this.#keys,
      clock: this.#clock,
      log: this.#log,
    })
    void keys.prewarm()
    return keys
  }

  #replayFor(config: PluginConfig): ReplayStore {
    const { replay, revocation } = config
    if (replay.store === 'memory') return this.#memoryStore(replay.max_entries)
    const settings = toRedisSettings(config)
    const redis = shared(this.#redis, digest(settings), () => this.#openRedis(settings))
    return redis.store({
      keyFormat: replay.key_format,
      revocation: revocation.enabled,
      knownGoodSeconds: replay.known_good_window,
    })
  }

  /** One store for the whole process: two entities with one audience must not each accept a token. */
  #memoryStore(maxEntries: number): MemoryReplayStore {
    this.#memory ??= new MemoryReplayStore({ maxEntries, startedAt: this.#startedAt })
    this.#memory.reserve(maxEntries)
    return this.#memory
  }

  #openRedis(settings: ReturnType<typeof toRedisSettings>): RedisReplay {
    const [clock, log] = [this.#clock, this.#log]
    const redis = new RedisReplay({
      settings,
      clock,
      log,
      stopwatch: monotonic,
      random: systemRandom,
    })
    void redis.open()
    return redis
  }

  #policyFor({ policy: { rules, file }, audience, issuers }: PluginConfig): Policy {
    if (rules !== undefined) return compileRules(rules)
    if (file === undefined) return allowAll
    const scope = { audience, issuers: issuers.map(({ issuer }) => issuer) }
    return shared(
      this.#policies,
      digest([file, scope]),
      () => new PolicyFile({ path: file, scope, read: readPolicy, log: this.#log }),
    )
  }

  #writerFor({ audit }: PluginConfig): AuditWriter | undefined {
    if (audit.sink === 'none') return undefined
    const { file, hmac_key: key } = audit
    if (file === undefined) return (kong, event) => kong.log.notice(renderAuditLine(event))
    const sink = shared(this.#files, file, () => openFile(file, this.#log))
    if (key === undefined) return (_kong, event) => sink.write(renderAuditLine(event))
    const sealed = shared(this.#sealed, digest([file, key]), () => {
      return new SealedFile({ sink, key: Buffer.from(key), clock: this.#clock })
    })
    return (_kong, event) => sealed.write(event)
  }

  /** SIGHUP is the operator's emergency brake: every fetched key is forgotten and fetched anew. */
  #hearSignals(): void {
    if (this.#hearsSignals) return
    this.#hearsSignals = true
    process.on('SIGHUP', () => {
      this.#log.warn('SIGHUP: all keys are dropped and fetched anew')
      this.#keys.purge()
    })
  }
}

/** The one runtime of this process. */
export const runtime = new Runtime()

function shared<T>(made: Map<string, T>, key: string, make: () => T): T {
  const existing = made.get(key)
  if (existing !== undefined) return existing
  const fresh = make()
  made.set(key, fresh)
  return fresh
}

function openFile(path: string, log: Log): FileSink {
  try {
    return new FileSink({ path, log, stopwatch: monotonic })
  } catch (cause) {
    throw configurationError([`audit.file: cannot be opened: ${String(cause)}`])
  }
}

function subjectsOf({ subjects }: IssuerConfig): (subject: string) => boolean {
  if (subjects === undefined) return () => true
  const globs = subjects.map(compileGlob)
  return (subject) => globs.some((fits) => fits(subject))
}

/** Kong's id of the plugin entity, which it adds to the configuration. */
function entityOf(raw: unknown): string {
  const id = (raw as { __plugin_id?: unknown } | null)?.__plugin_id
  return typeof id === 'string' ? id : ''
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url')
}
