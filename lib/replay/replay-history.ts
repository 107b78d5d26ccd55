import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import { Epoch } from './epoch.ts'
import { epochKeys } from './record-key.ts'

interface ReplayHistoryOptions {
  readonly link: RedisLink
  readonly clock: Clock
  readonly log: Log
}

/** The epochs of one Redis: one, or in a Cluster one per shard of the records. */
export class ReplayHistory {
  readonly #options: ReplayHistoryOptions
  readonly #epochs: ReadonlyMap<string, Epoch>
  #told = ''

  constructor(options: ReplayHistoryOptions) {
    const { link, clock, log } = options
    this.#options = options
    const onBegin = (epoch: number, why: string) =>
      this.#once(`${epoch} ${why}`, () =>
        log.info('replay history begins; tokens issued earlier are refused', { epoch, why }),
      )
    const onFuture = (epoch: number) =>
      this.#once(`${epoch} future`, () =>
        log.error('replay history begins in the future: check the clocks of all gateways', {
          epoch,
        }),
      )
    const keys = epochKeys(link.sharded)
    this.#epochs = new Map(
      keys.map((key) => [key, new Epoch(key, { link, clock, onBegin, onFuture })]),
    )
  }

  /** The epoch under a key of `RecordKeys`. */
  epoch(key: string): Epoch {
    const epoch = this.#epochs.get(key)
    if (epoch === undefined) throw new ReferenceError(`no epoch ${key}`)
    return epoch
  }

  /**
   * Marks the beginning on every server that is usable, so that the first token after a start is not
   * the one to be refused. Never rejects: what fails here is made up for by the first claim.
   */
  async prepare(): Promise<void> {
    const preparing = [...this.#epochs].map(async ([key, epoch]) => {
      const server = this.#options.link.serverOf(key)
      if (server !== undefined) await epoch.prepare(server)
    })
    await Promise.allSettled(preparing)
  }

  /** Shards that say the same say it once. */
  #once(what: string, tell: () => void): void {
    if (what !== this.#told) tell()
    this.#told = what
  }
}
