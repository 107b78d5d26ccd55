import { Epoch, type EpochOptions } from './epoch.ts'
import { epochKeys } from './record-key.ts'

/** The epochs of one Redis: one, or in a Cluster one per shard of the records. */
export class ReplayHistory {
  readonly #options: EpochOptions
  readonly #epochs: ReadonlyMap<string, Epoch>

  constructor(options: EpochOptions) {
    this.#options = options
    const keys = epochKeys(options.link.sharded)
    this.#epochs = new Map(keys.map((key) => [key, new Epoch(key, options)]))
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
    const { link } = this.#options
    const preparing = [...this.#epochs].map(async ([key, epoch]) => {
      const server = link.serverOf(key)
      if (server !== undefined) await epoch.prepare(server)
    })
    await Promise.allSettled(preparing)
  }
}
