import { Counter, Gauge, Registry } from 'prom-client'
import { type LabelsOf, METRICS, type NameOf } from './catalogue.ts'
import { Distribution, distributionFigure } from './distribution.ts'
import type { Figures } from './figures.ts'
import type { Count, Durations, Meter, Reading } from './meter.ts'
import type { MetricShape, Role } from './metric-shape.ts'

type Labels = Readonly<Record<string, string>>

type Read = () => readonly (readonly [Labels, number])[]

/** Counting is an addition to one of these; prom-client hears of it when somebody looks. */
class Cell implements Count {
  readonly labels: Labels
  total = 0

  constructor(labels: Labels) {
    this.labels = labels
  }

  add(by = 1): void {
    this.total += by
  }
}

const NOWHERE: Count & Durations = { add() {}, observe() {} }

/** Keeps the figures of one process in prom-client, those of the catalogue that are of this role. */
export class PromMeter implements Meter {
  readonly registry = new Registry()
  readonly #cells = new Map<string, Map<string, Cell>>()
  readonly #distributions = new Map<string, Map<string, Distribution>>()
  readonly #readers = new Map<string, Read[]>()

  constructor(role: Role) {
    for (const [name, shape] of Object.entries<MetricShape>(METRICS)) {
      if (shape.of.includes(role)) this.#open(name, shape)
    }
  }

  counter<Name extends NameOf<'counter'>>(name: Name, labels: LabelsOf<Name>): Count {
    const cells = this.#cells.get(name)
    if (cells === undefined) return NOWHERE
    return known(cells, labels, () => new Cell(labels))
  }

  histogram<Name extends NameOf<'histogram'>>(name: Name, labels: LabelsOf<Name>): Durations {
    const distributions = this.#distributions.get(name)
    if (distributions === undefined) return NOWHERE
    return known(distributions, labels, () => new Distribution(labels))
  }

  gauge<Name extends NameOf<'gauge'>>(name: Name, read: () => Reading<Name>): void {
    this.#readers.get(name)?.push(read)
  }

  /** As `gauge`, for a count that is kept elsewhere. */
  total<Name extends NameOf<'counter'>>(
    name: Name,
    read: () => readonly (readonly [LabelsOf<Name>, number])[],
  ): void {
    this.#readers.get(name)?.push(read)
  }

  async figures(): Promise<Figures> {
    // Its types know neither the names of types nor those of buckets.
    return (await this.registry.getMetricsAsJSON()) as unknown as Figures
  }

  #open(name: string, { type, help, labels, across = 'sum' }: MetricShape): void {
    const registers = [this.registry]
    const settings = { name, help, labelNames: [...labels], registers, aggregator: across }
    const readers: Read[] = []
    if (type === 'histogram') {
      const distributions = new Map<string, Distribution>()
      this.#distributions.set(name, distributions)
      // Its own histogram takes ten times as long for an observation, and there are eight to a call.
      const figure = async () => distributionFigure(name, help, distributions.values())
      this.registry.registerMetric({ name, get: figure } as unknown as Gauge)
    } else if (type === 'counter') {
      const cells = new Map<string, Cell>()
      this.#cells.set(name, cells)
      this.#readers.set(name, readers)
      readers.push(() => Array.from(cells.values(), (cell) => [cell.labels, cell.total]))
      new Counter({
        ...settings,
        collect() {
          this.reset()
          for (const [of, value] of read(readers, COMBINE.sum)) this.inc({ ...of }, value)
        },
      })
    } else {
      this.#readers.set(name, readers)
      new Gauge({
        ...settings,
        collect() {
          this.reset()
          // Without labels a gauge starts at 0, which would be a value that nobody has read.
          if (labels.length === 0) this.remove()
          for (const [of, value] of read(readers, COMBINE[across])) this.set({ ...of }, value)
        },
      })
    }
  }
}

const COMBINE = {
  sum: (a: number, b: number) => a + b,
  min: Math.min,
  max: Math.max,
} as const

/** One value for each set of labels: one issuer may be there with several settings. */
function read(
  readers: readonly Read[],
  combine: (a: number, b: number) => number,
): Iterable<readonly [Labels, number]> {
  const values = new Map<string, readonly [Labels, number]>()
  for (const [labels, value] of readers.flatMap((each) => each())) {
    const key = JSON.stringify(labels)
    const [, before] = values.get(key) ?? []
    values.set(key, [labels, before === undefined ? value : combine(before, value)])
  }
  return values.values()
}

function known<T>(made: Map<string, T>, labels: Labels, make: () => T): T {
  const key = JSON.stringify(labels)
  const existing = made.get(key)
  if (existing !== undefined) return existing
  const fresh = make()
  made.set(key, fresh)
  return fresh
}
