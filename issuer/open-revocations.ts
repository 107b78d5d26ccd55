import type { Log } from '../lib/ports/log.ts'
import type { Random } from '../lib/ports/random.ts'
import { monotonic } from '../lib/ports/stopwatch.ts'
import { redisLink } from '../lib/redis/redis.ts'
import type { RedisSettings } from '../lib/redis/redis-settings.ts'
import { RedisRevocationList } from '../lib/revocation/redis-list.ts'
import type { RevocationList } from '../lib/revocation/revocation-list.ts'

export interface OpenRevocations {
  readonly list: RevocationList
  close(): Promise<void>
}

/**
 * The revocations in the gateways' Redis, and nothing else of it: the issuer needs no right to a key but
 * `oathmesh:revocations`. Connects with the first question. Throws `TypeError` with the field for
 * settings that cannot work.
 */
export function openRevocations(
  settings: RedisSettings,
  log: Log,
  random: Random,
): OpenRevocations {
  const link = redisLink(settings, { log, random, stopwatch: monotonic })
  const { timeoutMs } = settings
  return { list: new RedisRevocationList({ link, timeoutMs }), close: () => link.close() }
}
