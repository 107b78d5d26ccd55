import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { Stopwatch } from '../ports/stopwatch.ts'

/** What a link to a Redis needs of the world, beside sockets and timers. */
export interface RedisPorts {
  readonly log: Log
  readonly stopwatch: Stopwatch
  /** For jitter. */
  readonly random: Random
}
