/** Who exposes a metric: the plugin server, the Envoy service, the issuer. */
export type Role = 'kong' | 'envoy' | 'issuer'

export interface MetricShape {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  readonly of: readonly Role[]
  /** What one exposition for several processes says. Counters and histograms are summed. */
  readonly across?: 'sum' | 'max' | 'min'
}

/** Seconds. From half of a verification in memory to the longest deadline that is common. */
export const BUCKETS = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
] as const
