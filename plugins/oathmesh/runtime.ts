import { createHash } from 'node:crypto'
import {
  allowAll,
  type Clock,
  compileGlob,
  compileRules,
  FileSink,
  KeyCache,
  type Log,
  MemoryReplayStore,
  monotonic,
  type Policy,
  stderrLog,
  systemClock,
  Verifier,
} from '../../lib/index.ts'
import { configurationError, parseConfig } from '../../schema/parse-config.ts'
import type { IssuerConfig, PluginConfig } from '../../schema/plugin-config.ts'
import { toKeySettings, toSettings, toTrustedIssuers } from '../../schema/to-settings.ts'
import { Handler, type LineWriter } from './handler.ts'

/**
 * All that outlives an instance: Kong drops instances that idle for a minute and starts them anew, and
 * each worker has its own. Nothing here is opened before a configuration asks for it.
 */
class Runtime {
  readonly #clock: Clock = systemClock
  readonly #log: Log = stderrLog
  readonly #keys = new Map<string, KeyCache>()
  readonly #files = new Map<string, FileSink>()
  /** Unix seconds. Read while the plugin is loaded, before it can have seen any token. */
  readonly #startedAt = this.#clock.now() / 1000 - process.uptime()
  #memory: MemoryReplayStore | undefined

  /** Wires one plugin entity. Throws `TypeError` that names every faulty field. */
  handler(raw: unknown): Handler {
    const config = parseConfig(raw)
    const verifier = new Verifier({
      settings: toSettings(config, entityOf(raw), subjectsOf),
      ports: {
        keys: this.#keysFor(config),
        replay: this.#replayFor(config),
        policy: policyOf(config),
      },
      clock: this.#clock,
      stopwatch: monotonic,
    })
    return new Handler({
      verifier,
      writeLine: this.#writerFor(config),
      auditContext: config.audit.context,
      identityHeaders: config.identity_headers,
      realm: config.realm,
      log: this.#log,
    })
  }

  #keysFor(config: PluginConfig): KeyCache {
    const issuers = toTrustedIssuers(config)
    const settings = toKeySettings(config)
    return shared(this.#keys, digest([issuers, settings]), () => {
      const keys = new KeyCache({ issuers, settings, clock: this.#clock, log: this.#log })
      keys.prewarm()
      return keys
    })
  }

  /** One store for the whole process: two entities with one audience must not each accept a token. */
  #replayFor({ replay }: PluginConfig): MemoryReplayStore {
    this.#memory ??= new MemoryReplayStore({
      maxEntries: replay.max_entries,
      startedAt: this.#startedAt,
    })
    this.#memory.reserve(replay.max_entries)
    return this.#memory
  }

  #writerFor({ audit }: PluginConfig): LineWriter | undefined {
    if (audit.sink === 'none') return undefined
    if (audit.sink === 'kong' || audit.file === undefined)
      return (kong, line) => kong.log.notice(line)
    const sink = shared(this.#files, audit.file, () => openFile(audit.file ?? '', this.#log))
    return (_kong, line) => sink.write(line)
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

function policyOf({ policy }: PluginConfig): Policy {
  return policy.rules === undefined ? allowAll : compileRules(policy.rules)
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
