import { errorMessage } from '../../lib/error-message.ts'
import { monotonic, type RedisSettings, systemClock } from '../../lib/index.ts'
import { silentLog } from '../../lib/ports/log.ts'
import { systemRandom } from '../../lib/ports/random.ts'
import { RedisReplay } from '../../lib/replay/redis-replay.ts'
import type { Revocation } from '../../lib/revocation/revocation-list.ts'
import { InputError } from '../terminal/input-error.ts'
import type { RevocationStore } from './revocation-store.ts'

/** The list that gateways ask, in their Redis. */
export class RedisStore implements RevocationStore {
  readonly #redis: RedisReplay
  readonly #where: string

  constructor(settings: RedisSettings) {
    this.#where = `Redis at ${settings.host}:${settings.port}`
    this.#redis = new RedisReplay({
      settings,
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
      const why = errorMessage(cause)
      throw new InputError(`${this.#where}: ${why}`, { cause })
    }
  }
}
