import type { RedisLink, Server } from '../redis/redis-link.ts'
import { within } from '../redis/within.ts'
import type { RevokedSubjects } from '../revocation/revoked-subjects.ts'
import { type KeyFormat, recordKeys, shardedKeys } from './record-key.ts'
import { recordLifetimeSeconds } from './record-lifetime.ts'
import { type Entry, recordByCommands, recordByScript } from './recording.ts'
import type { ReplayHistory } from './replay-history.ts'
import type { ReplayStore, TokenUse, UseOutcome } from './replay-store.ts'

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
    const { link, history, keyFormat, revoked } = this.#options
    await link.open()
    const keys = link.sharded ? shardedKeys(use) : recordKeys(use, keyFormat)
    this.#serverOf(keys.epoch)
    const record = link.sharded ? recordByCommands : recordByScript
    const finding = await record(link, {
      keys,
      lifetimeMs: recordLifetimeSeconds(use, now) * 1000,
      subject: use.subject,
      revocation: this.#revocationOf(use, now),
    })
    revoked?.learn(use.subject, finding.name === 'revoked', now)
    if (finding.name !== 'recorded') return finding.name
    // Asked again: the record may have gone to another server than the one there was before.
    const server = this.#serverOf(keys.epoch)
    const covered = await history.epoch(keys.epoch).covers(use.issuedAt, finding.mark, server)
    return covered ? 'fresh' : 'history_unknown'
  }

  #revocationOf({ subject }: TokenUse, now: number): Entry['revocation'] {
    const { revoked } = this.#options
    if (revoked === undefined) return 'ignored'
    return revoked.has(subject, now) ? 'suspected' : 'asked'
  }

  #serverOf(key: string): Server {
    const server = this.#options.link.serverOf(key)
    if (server === undefined) throw new Error('Redis is not connected')
    return server
  }
}
