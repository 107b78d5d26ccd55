import { monitorEventLoopDelay } from 'node:perf_hooks'
import { collectDefaultMetrics } from 'prom-client'
import type { LabelsOf } from './catalogue.ts'
import type { PromMeter } from './prom-meter.ts'

/** Milliseconds between looks at the event loop: finer costs more than it tells. */
const RESOLUTION_MS = 20
const QUANTILES = [0.5, 0.99, 1] as const

export interface ProcessFiguresOptions {
  readonly build: Omit<LabelsOf<'oathmesh_build_info'>, 'node'>
  /** Which of several processes this is: `0` where there is one. */
  readonly worker: string
}

/** Has the meter tell of this process what prom-client tells of any, how late its timers are, and what it runs. */
export function meterProcess(meter: PromMeter, { build, worker }: ProcessFiguresOptions): void {
  collectDefaultMetrics({ register: meter.registry, eventLoopMonitoringPrecision: RESOLUTION_MS })
  // prom-client leaves it out of what several processes say together, and every restart with it.
  const started = meter.registry.getSingleMetric('process_start_time_seconds')
  if (started !== undefined) Object.assign(started, { aggregator: 'min' })
  const info = { ...build, node: process.versions.node }
  meter.gauge('oathmesh_build_info', () => [[info, 1]])
  const lag = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  lag.enable()
  meter.gauge('oathmesh_event_loop_lag_seconds', () => {
    const read = QUANTILES.map((quantile) => {
      // What it measures is the whole time between two looks.
      const lateMs = Math.max(0, lag.percentile(quantile * 100) / 1e6 - RESOLUTION_MS)
      const labels = { worker, quantile: String(quantile) }
      return [labels, lateMs / 1000] as const
    })
    lag.reset()
    return read
  })
}
