import { performance } from 'node:perf_hooks'
import { freshToken } from '../../testkit/fresh-token.ts'
import { processCpuMs } from '../../testkit/process-cpu.ts'
import type { WireName } from '../../testkit/wires.ts'
import { median, quantile } from '../statistics.ts'

/** One way to have requests allowed by a plugin server. */
export interface Subject {
  readonly wire: WireName
  readonly connections: number
  readonly serverPid: number | undefined
  /** Has one request allowed over one of the connections; resolves with the round trips where they are seen. */
  call(connection: number, authorization: string): Promise<number | undefined>
}

export interface Turns {
  readonly rounds: number
  /** Rounds before those that count. */
  readonly warmUp: number
  /** Of each subject in each round. */
  readonly calls: number
}

export interface WireFigures {
  readonly wire: WireName
  /** Of the call that took the most of them and of the one that took the least. */
  readonly roundTrips: readonly [least: number, most: number] | undefined
  readonly p50Ms: number
  readonly p99Ms: number
  readonly perSecond: number
  /** Processor time of the plugin server per request. */
  readonly serverMicros: number
}

interface Block {
  readonly wallMs: number
  readonly cpuMs: number
  readonly times: readonly number[]
  readonly trips: readonly number[]
}

/**
 * Both wires in turn, a block of requests each, so that they meet the same moods of the machine. Tokens are
 * minted before each block. The rate is the median of the blocks'.
 */
export async function takeTurns(
  subjects: readonly Subject[],
  { rounds, warmUp, calls }: Turns,
): Promise<readonly WireFigures[]> {
  const measured = subjects.map((subject) => ({ subject, blocks: [] as Block[] }))
  for (let round = -warmUp; round < rounds; round++) {
    // Whoever comes first in a round must not always be the same.
    for (const { subject, blocks } of round % 2 === 0 ? measured : [...measured].reverse()) {
      const block = await run(subject, calls)
      if (round >= 0) blocks.push(block)
    }
  }
  return measured.map(({ subject: { wire }, blocks }) => {
    const times = blocks.flatMap((block) => block.times)
    const trips = blocks.flatMap((block) => block.trips)
    const cpuMs = blocks.reduce((sum, block) => sum + block.cpuMs, 0)
    return {
      wire,
      roundTrips: trips.length === 0 ? undefined : [quantile(trips, 0), quantile(trips, 1)],
      p50Ms: median(times),
      p99Ms: quantile(times, 0.99),
      perSecond: median(blocks.map(({ wallMs }) => (calls / wallMs) * 1000)),
      serverMicros: (cpuMs * 1000) / (calls * blocks.length),
    }
  })
}

/** One block of requests. */
export async function run(
  { connections, serverPid, call }: Subject,
  calls: number,
): Promise<Block> {
  const tokens = Array.from({ length: calls }, () => `OathMesh ${freshToken()}`)
  const times: number[] = []
  const trips: number[] = []
  const lane = async (connection: number) => {
    for (let token = tokens.pop(); token !== undefined; token = tokens.pop()) {
      const start = performance.now()
      const roundTrips = await call(connection, token)
      times.push(performance.now() - start)
      if (roundTrips !== undefined) trips.push(roundTrips)
    }
  }
  const cpuBefore = processCpuMs(serverPid)
  const start = performance.now()
  await Promise.all(Array.from({ length: connections }, (_, connection) => lane(connection)))
  const wallMs = performance.now() - start
  return { wallMs, cpuMs: processCpuMs(serverPid) - cpuBefore, times, trips }
}
