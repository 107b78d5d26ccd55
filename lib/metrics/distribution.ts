import type { Figure } from './figures.ts'
import type { Durations } from './meter.ts'
import { BUCKETS } from './metric-shape.ts'

/** A histogram of durations in seconds; observing one is a search among the bounds and three additions. */
export class Distribution implements Durations {
  readonly labels: Readonly<Record<string, string>>
  /** By bound, and beyond the last. */
  readonly counts = new Float64Array(BUCKETS.length + 1)
  sum = 0
  count = 0

  constructor(labels: Readonly<Record<string, string>>) {
    this.labels = labels
  }

  observe(seconds: number): void {
    let at = 0
    // `undefined` beyond the last ends it as well.
    while (seconds > (BUCKETS[at] ?? Number.POSITIVE_INFINITY)) at++
    this.counts[at] = (this.counts[at] ?? 0) + 1
    this.sum += seconds
    this.count += 1
  }
}

/** Distributions of one name as prom-client would give them: buckets are cumulative. */
export function distributionFigure(
  name: string,
  help: string,
  distributions: Iterable<Distribution>,
): Figure {
  return {
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    values: Array.from(distributions).flatMap(({ labels, counts, sum, count }) => {
      let below = 0
      const buckets = BUCKETS.map((le, at) => {
        below += counts[at] ?? 0
        return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: below }
      })
      return [
        ...buckets,
        { metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: count },
        { metricName: `${name}_sum`, labels: { ...labels }, value: sum },
        { metricName: `${name}_count`, labels: { ...labels }, value: count },
      ]
    }),
  }
}
