import type { Log } from '../ports/log.ts'
import { redisName } from '../redis/redis-name.ts'
import type { RedisSettings } from '../redis/redis-settings.ts'
import type { KeyFormat } from './record-key.ts'

/** Where a plugin entity keeps its records of used tokens. */
export type StorePlace =
  | { readonly store: 'memory' }
  | { readonly store: 'redis'; readonly redis: RedisSettings; readonly keyFormat: KeyFormat }

/** The same for two entities exactly when each refuses what the other has seen. Holds no credentials. */
export function storeName(place: StorePlace): string {
  if (place.store === 'memory') return 'memory'
  const { redis, keyFormat } = place
  return `redis ${redisName(redis)}, database ${redis.database}, key_format ${keyFormat}`
}

/**
 * Notices when the plugin entities of one process keep the used tokens of one audience in several
 * stores: a token is then accepted once in each.
 */
export class AudienceStores {
  readonly #log: Log
  readonly #stores = new Map<string, Set<string>>()

  constructor(log: Log) {
    this.#log = log
  }

  /** Takes note of one entity, and warns when its audience now has one store more than it should. */
  note(audience: string, place: StorePlace): void {
    const stores = this.#stores.get(audience) ?? new Set()
    this.#stores.set(audience, stores)
    if (stores.size === stores.add(storeName(place)).size || stores.size === 1) return
    this.#log.warn(
      'one audience has several replay stores, and a token is accepted once in each: give all plugin' +
        ' entities with this audience the same replay and redis settings',
      { audience, stores: [...stores].join('; ') },
    )
  }
}
