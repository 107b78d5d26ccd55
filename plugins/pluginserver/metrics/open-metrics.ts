import { Gathering } from '../../../lib/metrics/gathering.ts'
import type { Serving } from '../serving.ts'
import { MetricsDoor } from './metrics-door.ts'

/** Serves the figures of this process and of what `gathering` has besides, where somebody asked for metrics. */
export async function openMetrics(
  { flags: { metrics: address }, metering, log }: Serving,
  gathering = new Gathering(),
): Promise<MetricsDoor | undefined> {
  if (address === undefined || metering === undefined) return undefined
  gathering.join(metering)
  const door = new MetricsDoor({ address, gathering, log })
  await door.open()
  return door
}
