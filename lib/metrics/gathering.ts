import { AggregatorRegistry } from 'prom-client'
import { within } from '../ports/within.ts'
import type { Figures } from './figures.ts'
import type { Lacks } from './readiness.ts'

/** A process that is busy for longer is shown as it was last seen. */
const ASK_MS = 1000

/** What one process has to tell at one moment. */
export interface Measurement {
  readonly figures: Figures
  /** Of each instance. */
  readonly instances: readonly Lacks[]
}

/** One process whose figures belong to the exposition. */
export interface Source {
  measure(): Promise<Measurement>
}

/**
 * One exposition for several processes: counters and histograms are summed, gauges as the catalogue says. What a
 * process has counted stays when it ends, as far as it has been seen: no counter ever falls.
 */
export class Gathering {
  readonly #sources = new Map<Source, Measurement | undefined>()
  /** Counters and histograms of processes that have ended. */
  #gone: Figures = []
  #asking: Promise<Measurement> | undefined

  join(source: Source): void {
    this.#sources.set(source, undefined)
  }

  leave(source: Source): void {
    const last = this.#sources.get(source)
    this.#sources.delete(source)
    if (last === undefined) return
    const remaining = last.figures.filter(({ type }) => type !== 'gauge')
    this.#gone = merged([this.#gone, remaining])
  }

  /** Whoever asks meanwhile gets the same: scrapes cannot pile up. */
  measure(): Promise<Measurement> {
    this.#asking ??= this.#measure().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  /** The text that Prometheus reads. */
  async exposition(): Promise<string> {
    const { figures } = await this.measure()
    return AggregatorRegistry.aggregate([[...figures]]).metrics()
  }

  async #measure(): Promise<Measurement> {
    const asked = [...this.#sources.keys()].map(async (source) => {
      const seen = await within(ASK_MS, source.measure()).catch(() => this.#sources.get(source))
      // It may have left while it was asked: what it left behind is counted already.
      if (this.#sources.has(source)) this.#sources.set(source, seen)
    })
    await Promise.all(asked)
    const all = [...this.#sources.values()].filter((seen) => seen !== undefined)
    return {
      figures: merged([this.#gone, ...all.map(({ figures }) => figures)]),
      instances: all.flatMap(({ instances }) => instances),
    }
  }
}

function merged(all: readonly Figures[]): Figures {
  const registry = AggregatorRegistry.aggregate(all.map((figures) => [...figures]))
  return registry.getMetricsAsArray() as unknown as Figures
}
