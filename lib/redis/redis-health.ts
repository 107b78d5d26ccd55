import { ReplyError } from 'ioredis'
import type { Log } from '../ports/log.ts'
import { redisCause } from './redis-cause.ts'
import { ANONYMOUS, type RedisReport, type Server } from './redis-link.ts'

/** Tells the operator, once each, what is wrong with a Redis: the lines are rare by construction. */
export class RedisHealth {
  readonly #log: Log
  readonly #name: string
  readonly #told = new Set<string>()
  #cause: string | undefined
  #wasUsable = false
  #becameUp = 0
  #becameAway = 0

  /** `name` says in every line which Redis is meant. */
  constructor(log: Log, name: string) {
    this.#log = log
    this.#name = name
  }

  /** Why it cannot be used, in the operator's words; undefined while nothing is known against it. */
  get cause(): string | undefined {
    return this.#cause
  }

  /** Whether it can be used, and how often that has changed. */
  get report(): RedisReport {
    const counts = { became_up: this.#becameUp, became_away: this.#becameAway }
    if (this.#cause !== undefined) return { state: 'away', cause: this.#cause, ...counts }
    return { state: this.#wasUsable ? 'up' : 'opening', ...counts }
  }

  /** One warning per outage, however many attempts it takes. */
  fault(cause: unknown): void {
    const isNew = this.#cause === undefined
    this.#cause = redisCause(cause)
    if (!isNew) return
    this.#becameAway += 1
    this.#log.warn('Redis cannot be used; new tokens are refused until it can', {
      redis: this.#name,
      cause: this.#cause,
    })
  }

  usable(): void {
    if (this.#cause !== undefined) {
      this.#log.info('Redis can be used again', { redis: this.#name })
    }
    if (this.#cause !== undefined || !this.#wasUsable) this.#becameUp += 1
    this.#wasUsable = true
    this.#cause = undefined
  }

  /**
   * Identity of the server that gave this reply to `INFO`; undefined stands for a reply that was
   * withheld. Warns of a server that may forget records early, or that takes none. Throws a
   * `ReplyError` for one that is of no use yet.
   */
  identify(reply: string | undefined, expected: 'master' | 'master for sure' | 'any'): Server {
    const info = parseInfo(reply ?? '')
    if (info.get('loading') === '1') throw new ReplyError('LOADING its data set into memory')
    if (expected === 'master for sure' && info.get('role') === 'slave') {
      throw new ReplyError('READONLY: Sentinel names a master that is a replica')
    }
    const policy = info.get('maxmemory_policy')
    if (policy !== undefined && policy !== 'noeviction') {
      this.#tell('Redis may evict records of used tokens: set maxmemory-policy to noeviction', {
        maxmemory_policy: policy,
      })
    }
    if (expected === 'master' && info.get('role') === 'slave') {
      this.#tell('Redis is a replica and takes no records: point the plugin at the master')
    }
    const identity = info.get('run_id')
    if (identity !== undefined) return identity
    this.#tell(
      'Redis does not name its run_id: a restart or failover that loses records goes unnoticed',
    )
    return ANONYMOUS
  }

  #tell(message: string, fields: Readonly<Record<string, string>> = {}): void {
    if (this.#told.has(message)) return
    this.#told.add(message)
    this.#log.warn(message, { redis: this.#name, ...fields })
  }
}

function parseInfo(reply: string): ReadonlyMap<string, string> {
  const pairs = reply.split('\r\n').map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, Math.max(0, colon)), line.slice(colon + 1)] as const
  })
  return new Map(pairs)
}
