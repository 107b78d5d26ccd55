import type { Log } from '../../../lib/index.ts'
import type { Gathering } from '../../../lib/metrics/gathering.ts'
import { MetricsServer } from '../../../lib/metrics/metrics-server.ts'
import { readinessOf } from '../../../lib/metrics/readiness.ts'
import { unusableAddress } from '../../../lib/metrics/unusable-address.ts'
import type { Address } from '../../../lib/ports/address.ts'
import manifest from '../../../package.json' with { type: 'json' }
import { startedByKong } from '../kong-master.ts'
import { mayReplace } from '../socket/may-replace.ts'
import { holderOf } from './holder.ts'

/** How often an address that is about to become free is tried. */
const RETRY_MS = 500

export interface MetricsDoorOptions {
  readonly address: Address
  readonly gathering: Gathering
  readonly log: Log
}

/** Where the metrics of this server are to be had, from its start to its end. */
export class MetricsDoor {
  readonly #options: MetricsDoorOptions
  readonly #server: MetricsServer
  #closed = false

  constructor(options: MetricsDoorOptions) {
    const { gathering, log } = options
    this.#options = options
    this.#server = new MetricsServer({
      log,
      exposition: () => gathering.exposition(),
      readiness: async () => readinessOf((await gathering.measure()).instances),
      identity: `oathmesh-pluginserver ${manifest.version} pid=${process.pid} kong=${startedByKong}`,
    })
  }

  /**
   * Listens, or will as soon as the server before this one lets go: after `kong reload` that is up to two seconds.
   * Rejects with a `TypeError` when somebody else has the address.
   */
  async open(): Promise<void> {
    const { address, log } = this.#options
    try {
      const place = await this.#server.listen(address)
      log.info('metrics are served', { at: place })
      if (this.#closed) this.#server.close()
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException
      if (code !== 'EADDRINUSE' && address.kind !== 'unix')
        throw unusableAddress('--metrics', address, cause)
      const holder = await holderOf(address)
      if (holder === undefined || !mayReplace(holder))
        throw unusableAddress('--metrics', address, cause)
      log.info('metrics are served by the server before this one: waiting for it to let go')
      this.#retry()
    }
  }

  /** From now on it is not ready. */
  drain(): void {
    this.#server.drain()
  }

  /** Lets go of the address: another server has taken over. */
  close(): void {
    this.#closed = true
    this.#server.close()
  }

  #retry(): void {
    const again = async () => {
      if (this.#closed) return
      try {
        const place = await this.#server.listen(this.#options.address)
        this.#options.log.info('metrics are served', { at: place })
      } catch {
        this.#retry()
      }
    }
    setTimeout(() => void again(), RETRY_MS).unref()
  }
}
