import type { RedisCommand, RedisLink, Server } from '../ports/redis-link.ts'
import { REVOCATIONS_KEY } from '../revocation/revocation-list.ts'
import type { RevokedSubjects } from '../revocation/revoked-subjects.ts'
import { type KeyFormat, recordKeys, shardedKeys } from './record-key.ts'
import { recordLifetimeSeconds } from './record-lifetime.ts'
import type { ReplayHistory } from './replay-history.ts'
import type { ReplayStore, TokenUse, UseOutcome } from './replay-store.ts'
import { within } from './within.ts'

interface RedisReplayStoreOptions {
  readonly link: RedisLink
  readonly history: ReplayHistory
  /** In a Cluster `hashed` only. */
  readonly keyFormat: KeyFormat
  /** Bound on one claim. */
  readonly timeoutMs: number
  /** Remembers who was found revoked. Revocation is not asked about when absent. */
  readonly revoked?: RevokedSubjects
  /** Told why a claim could not be made. */
  readonly onFault: (cause: unknown) => void
}

/**
 * Records uses in a Redis that gateways share, and asks it in the same round trip whether the subject
 * has been revoked. Any fault is `unavailable`, within `timeoutMs`. Spec 7.2, 8.1.
 */
export class RedisReplayStore implements ReplayStore {
  readonly #options: RedisReplayStoreOptions

  /** Throws `TypeError` for a key format that the topology cannot have. */
  constructor(options: RedisReplayStoreOptions) {
    if (options.link.sharded && options.keyFormat !== 'hashed') {
      throw new TypeError('replay.key_format: must be "hashed" with redis.cluster_nodes')
    }
    this.#options = options
  }

  async claim(use: TokenUse, now: number): Promise<UseOutcome> {
    try {
      return await within(this.#options.timeoutMs, this.#ask(use, now))
    } catch (cause) {
      this.#options.onFault(cause)
      return 'unavailable'
    }
  }

  async #ask(use: TokenUse, now: number): Promise<UseOutcome> {
    const { link, revoked } = this.#options
    await link.open()
    // Whoever is known to be revoked does not spend an id before Redis says otherwise.
    if (revoked?.has(use.subject, now) && (await this.#stillRevoked(use.subject, now, revoked))) {
      return 'revoked'
    }
    return this.#record(use, now)
  }

  async #stillRevoked(subject: string, now: number, revoked: RevokedSubjects): Promise<boolean> {
    const [revokedAt] = await this.#options.link.send([['hget', REVOCATIONS_KEY, subject]])
    return revoked.learn(subject, revokedAt !== null, now)
  }

  async #record(use: TokenUse, now: number): Promise<UseOutcome> {
    const { link, history, keyFormat, revoked } = this.#options
    const keys = link.sharded ? shardedKeys(use) : recordKeys(use, keyFormat)
    this.#serverOf(keys.epoch)
    const lifetimeMs = recordLifetimeSeconds(use, now) * 1000
    const commands: RedisCommand[] = [
      ['set', keys.record, '1', 'PX', String(lifetimeMs), 'NX'],
      // After the record: a Redis emptied between the two has lost the epoch as well.
      ['get', keys.epoch],
    ]
    if (revoked !== undefined) commands.push(['hget', REVOCATIONS_KEY, use.subject])
    const [recorded, mark, revokedAt = null] = await link.send(commands)
    if (revoked?.learn(use.subject, revokedAt !== null, now)) return 'revoked'
    if (recorded !== 'OK') return 'seen'
    // Asked again: the record may have gone to another server than the one there was before.
    const server = this.#serverOf(keys.epoch)
    const covered = await history.epoch(keys.epoch).covers(use.issuedAt, mark, server)
    return covered ? 'fresh' : 'history_unknown'
  }

  #serverOf(key: string): Server {
    const server = this.#options.link.serverOf(key)
    if (server === undefined) throw new Error('Redis is not connected')
    return server
  }
}
