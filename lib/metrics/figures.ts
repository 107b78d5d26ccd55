/** One metric with its values at one moment, as prom-client gives it and takes it. It can travel as JSON. */
export interface Figure {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  readonly aggregator: string
  readonly values: readonly {
    readonly value: number
    readonly labels: Readonly<Record<string, string | number>>
    /** Where it is not the metric's, such as that of a bucket. */
    readonly metricName?: string
  }[]
}

/** All metrics of one process. */
export type Figures = readonly Figure[]
