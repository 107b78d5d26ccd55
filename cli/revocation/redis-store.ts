import { errorMessage } from '../../lib/error-message.ts'
import { monotonic, type RedisSettings, systemClock } from '../../lib/index.ts'
import { silentLog } from '../../lib/ports/log.ts'
import { systemRandom } from '../../lib/ports/random.ts'
import { nodeFaults } from '../../lib/redis/node-faults.ts'
import { redisName } from '../../lib/redis/redis-name.ts'
import { RedisReplay } from '../../lib/replay/redis-replay.ts'
import type { Revocation } from '../../lib/revocation/revocation-list.ts'
import { InputError } from '../terminal/input-error.ts'
import type { RevocationStore } from './revocation-store.ts'

/** An operator can wait for longer than a call at a gateway, and would rather know. */
const TIMEOUT_MS = 10_000

/** The list that gateways ask, in their Redis. */
export class RedisStore implements RevocationStore {
  readonly #redis: RedisReplay
  readonly #settings: RedisSettings

  constructor(settings: RedisSettings) {
    this.#settings = settings
    this.#redis = new RedisReplay({
      settings: { ...settings, timeoutMs: TIMEOUT_MS },
      clock: systemClock,
      stopwatch: monotonic,
      random: systemRandom,
      log: silentLog,
    })
  }

  revoke(subject: string): Promise<void> {
    return this.#ask(this.#redis.revocations.revoke(subject, systemClock.now()))
  }

  unrevoke(subject: string): Promise<void> {
    return this.#ask(this.#redis.revocations.unrevoke(subject))
  }

  list(): Promise<readonly Revocation[]> {
    return this.#ask(this.#redis.revocations.list())
  }

  close(): Promise<void> {
    return this.#redis.close()
  }

  async #ask<T>(pending: Promise<T>): Promise<T> {
    try {
      return await pending
    } catch (cause) {
      const why = [errorMessage(cause), ...(await nodeFaults(this.#settings))].join('; ')
      throw new InputError(`${place(this.#settings)}: ${why}`, { cause })
    }
  }
}

function place(settings: RedisSettings): string {
  const { clusterNodes, sentinelNodes } = settings
  const isOne = clusterNodes === undefined && sentinelNodes === undefined
  return `Redis ${isOne ? 'at ' : ''}${redisName(settings)}`
}
