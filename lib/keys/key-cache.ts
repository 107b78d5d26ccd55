import type { KeySet, KeySetStats } from './key-set.ts'
import { type KeyPorts, KeySetPool } from './key-set-pool.ts'
import { checkKeySettings, type KeySettings, type TrustedIssuer } from './key-settings.ts'
import type { KeyLookup, KeySource } from './key-source.ts'

interface KeyCacheOptions extends KeyPorts {
  readonly issuers: readonly TrustedIssuer[]
  readonly settings: KeySettings
  /** Shares key sets with other caches; the ports of the pool then count, not those given here. */
  readonly pool?: KeySetPool
}

const UNKNOWN: KeyLookup = { found: 'unknown_kid' }

/**
 * The keys of the configured issuers, each in a set of its own: a key of one issuer is never found
 * for another (W-35). Nothing is opened before the first `find` or `prewarm`, and nothing needs to
 * be closed: timers and idle connections do not keep the process alive.
 */
export class KeyCache implements KeySource {
  readonly #sets: ReadonlyMap<string, KeySet>

  /** Throws `TypeError` or `RangeError` that names the field of the configuration. */
  constructor({ issuers, settings, pool: shared, ...ports }: KeyCacheOptions) {
    checkKeySettings(settings)
    const pool = shared ?? new KeySetPool({ ...ports, maxSets: Math.max(1, issuers.length) })
    const sets = new Map<string, KeySet>()
    for (const [index, trusted] of issuers.entries()) {
      const field = `issuers[${index}]`
      if (trusted.issuer === '') throw new TypeError(`${field}.issuer: is empty`)
      if (sets.has(trusted.issuer)) throw new TypeError(`${field}.issuer: is listed twice`)
      sets.set(trusted.issuer, pool.keySet(trusted, settings, field))
    }
    this.#sets = sets
  }

  find(issuer: string, kid: string): KeyLookup | Promise<KeyLookup> {
    return this.#sets.get(issuer)?.find(kid) ?? UNKNOWN
  }

  /** Begins the first fetch of every issuer; fulfilled when all have ended, well or badly. */
  async prewarm(): Promise<void> {
    await Promise.all(Array.from(this.#sets.values(), (set) => set.prewarm()))
  }

  /**
   * For emergencies: forgets every fetched key now, then fetches anew. Until that has succeeded,
   * tokens of the issuer are refused: forgotten keys never serve as stale. Fetches for repeated
   * purges begin at least a second apart.
   */
  purge(): void {
    for (const set of this.#sets.values()) set.purge()
  }

  stats(): readonly KeySetStats[] {
    return Array.from(this.#sets.values(), (set) => set.stats())
  }
}
