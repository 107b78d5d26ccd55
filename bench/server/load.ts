import { performance } from 'node:perf_hooks'
import { preciseCpuMs } from '../shared/process-cpu.ts'
import { median, quantile } from '../shared/statistics.ts'
import type { Served } from './serve.ts'

export interface Block {
  /** Processor time of the plugin server per request, in microseconds. */
  readonly cpuMicros: number
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of the request that took the most of them. */
  readonly roundTrips: number
}

/**
 * One block of requests over all connections, each with its own `Authorization` out of the list. Rejects when one
 * of them ends otherwise than it should.
 */
export async function runBlock(
  { pid, sides, begin }: Served,
  authorizations: readonly (string | undefined)[],
  wanted: 'allow' | 'refuse',
): Promise<Block> {
  const instance = await begin()
  const times: number[] = []
  let roundTrips = 0
  let next = 0
  const lane = async (side: (typeof sides)[number]) => {
    while (next < authorizations.length) {
      const authorization = authorizations[next++]
      const start = performance.now()
      const ended = await side.access(instance, authorization)
      times.push(performance.now() - start)
      roundTrips = Math.max(roundTrips, ended.roundTrips)
      if (ended.as !== wanted) throw new Error(`a request ended with ${ended.as}`)
    }
  }
  const cpuBefore = preciseCpuMs(pid)
  const start = performance.now()
  await Promise.all(sides.map(lane))
  const wallMs = performance.now() - start
  const cpuMs = preciseCpuMs(pid) - cpuBefore
  return {
    cpuMicros: (cpuMs * 1000) / authorizations.length,
    perSecond: (authorizations.length / wallMs) * 1000,
    p50Ms: median(times),
    p99Ms: quantile(times, 0.99),
    roundTrips,
  }
}
