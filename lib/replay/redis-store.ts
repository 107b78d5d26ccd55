import { within } from '../ports/within.ts'
import { isAnswer } from '../redis/answer.ts'
import type { RedisLink, Server } from '../redis/redis-link.ts'
import { REVOCATIONS_KEY } from '../revocation/revocation-list.ts'
import type { RevokedSubjects } from '../revocation/revoked-subjects.ts'
import type { FallibleStore, Finding } from './fallible-store.ts'
import { type KeyFormat, type RecordKeys, recordKeys, shardedKeys } from './record-key.ts'
import { recordLifetimeSeconds } from './record-lifetime.ts'
import { type Entry, recordByCommands, recordByScript } from './recording.ts'
import type { ReplayHistory } from './replay-history.ts'
import type { TokenUse } from './replay-store.ts'

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
 * has been revoked. Spec 7.2, 8.1.
 */
export class RedisReplayStore implements FallibleStore {
  readonly #options: RedisReplayStoreOptions

  /** Throws `TypeError` for a key format that the topology cannot have. */
  constructor(options: RedisReplayStoreOptions) {
    if (options.link.sharded && options.keyFormat !== 'hashed') {
      throw new TypeError('replay.key_format: must be "hashed" with redis.cluster_nodes')
    }
    this.#options = options
  }

  async claim(
    use: TokenUse,
    now: number,
    onLate: (finding: Finding) => void,
  ): Promise<Finding | 'refused' | 'unanswered'> {
    const { timeoutMs, onFault, revoked } = this.#options
    let isLate = false
    const asking = this.#ask(use, now)
    asking.then(
      (finding) => {
        if (finding === 'revoked') revoked?.add(use.subject)
        else if (!isLate) revoked?.remove(use.subject)
        if (isLate) onLate(finding)
      },
      () => {},
    )
    try {
      return await within(timeoutMs, asking)
    } catch (cause) {
      isLate = true
      onFault(cause)
      return isAnswer(cause) ? 'refused' : 'unanswered'
    }
  }

  isAway(use: TokenUse): boolean {
    return this.#options.link.isAway(this.#keysOf(use).record)
  }

  settling(use: TokenUse): Promise<void> | undefined {
    const { link, timeoutMs } = this.#options
    const settling = link.settling(this.#keysOf(use).record)
    return settling && within(timeoutMs, settling).catch(() => undefined)
  }

  seek(use: TokenUse): void {
    this.#options.link.seek(this.#keysOf(use).record)
  }

  async isRevoked({ subject }: TokenUse): Promise<boolean | 'unknown'> {
    const { link, revoked, timeoutMs } = this.#options
    if (revoked === undefined) return false
    // The server that would know is away as well: what was heard from it last is all there is.
    if (revoked.has(subject) || link.isAway(REVOCATIONS_KEY)) return revoked.has(subject)
    try {
      return (await within(timeoutMs, link.send(['hget', REVOCATIONS_KEY, subject]))) !== null
    } catch {
      return link.isAway(REVOCATIONS_KEY) ? revoked.has(subject) : 'unknown'
    }
  }

  async #ask(use: TokenUse, now: number): Promise<Finding> {
    const { link, history } = this.#options
    await link.open()
    const keys = this.#keysOf(use)
    this.#serverOf(keys.epoch)
    const record = link.sharded ? recordByCommands : recordByScript
    const finding = await record(link, {
      keys,
      lifetimeMs: recordLifetimeSeconds(use, now) * 1000,
      subject: use.subject,
      revocation: this.#revocationOf(use),
    })
    if (finding.name !== 'recorded') return finding.name
    // Asked again: the record may have gone to another server than the one there was before.
    const server = this.#serverOf(keys.epoch)
    const covered = await history.epoch(keys.epoch).covers(use.issuedAt, finding.mark, server)
    return covered ? 'fresh' : 'history_unknown'
  }

  #keysOf(use: TokenUse): RecordKeys {
    const { link, keyFormat } = this.#options
    return link.sharded ? shardedKeys(use) : recordKeys(use, keyFormat)
  }

  #revocationOf({ subject }: TokenUse): Entry['revocation'] {
    const { revoked } = this.#options
    if (revoked === undefined) return 'ignored'
    return revoked.has(subject) ? 'suspected' : 'asked'
  }

  #serverOf(key: string): Server {
    const { link } = this.#options
    const server = link.serverOf(key)
    if (server === undefined) throw new Error(`no connection to Redis ${link.name}`)
    return server
  }
}
