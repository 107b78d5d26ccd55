import { setTimeout as sleep } from 'node:timers/promises'
import { ServerProcess, temporaryFolder } from '../test/plugins/pluginserver/server-process.ts'
import { HARDENED_PLUGIN_SERVER, PLUGIN_FOLDER } from '../testkit/plugin-commands.ts'
import { BASE_CONFIG } from '../testkit/vectors.ts'
import { median } from './statistics.ts'
import { ProtobufSide } from './wires/protobuf-side.ts'
import { run, type Subject } from './wires/take-turns.ts'

const ROUNDS = 60
const WARM_UP = 10
const CALLS = 300
const CONNECTIONS = 8
/** As often as Prometheus asks by default is once in 15 s or a minute. */
const SCRAPE_MS = 5000
/** Tokens of the second in which a memory store began may have been used before. */
const SETTLE_MS = 1100

export interface MetricsCost {
  /** Requests per second with metrics, as a share of those without: the median of the rounds. */
  readonly throughput: number
  /** The plugin server's processor time for a request, as a multiple of that without. */
  readonly cpu: number
  readonly perSecond: number
  readonly microseconds: number
}

/**
 * Two plugin servers, of which one serves metrics that are scraped, take turns in one run: each round is a block of
 * allowed requests to one and a block to the other, and the ratio of the two is taken round by round.
 */
export async function benchMetrics(): Promise<MetricsCost> {
  const opened: { stop(): Promise<void> }[] = []
  try {
    const off = await open([])
    const on = await open(['--metrics', '127.0.0.1:0'])
    await sleep(SETTLE_MS)
    const throughput: number[] = []
    const rates: number[] = []
    const cpuMs = { without: 0, with: 0 }
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const order = round % 2 === 0 ? [off, on] : [on, off]
      const blocks = new Map<Subject, Awaited<ReturnType<typeof run>>>()
      // Whoever comes first in a round must not always be the same.
      for (const subject of order) blocks.set(subject, await run(subject, CALLS))
      const [without, with_] = [blocks.get(off), blocks.get(on)]
      if (round < 0 || without === undefined || with_ === undefined) continue
      throughput.push(without.wallMs / with_.wallMs)
      cpuMs.without += without.cpuMs
      cpuMs.with += with_.cpuMs
      rates.push((CALLS / without.wallMs) * 1000)
    }
    return {
      throughput: median(throughput),
      // Of all rounds together: the system tells of it in steps of ten milliseconds.
      cpu: cpuMs.with / cpuMs.without,
      perSecond: median(rates),
      microseconds: (cpuMs.without * 1000) / (CALLS * ROUNDS),
    }
  } finally {
    for (const each of opened) await each.stop()
  }

  async function open(flags: readonly string[]): Promise<Subject> {
    const folder = temporaryFolder()
    const all = ['--wire', 'protobuf', ...flags]
    const server = new ServerProcess(HARDENED_PLUGIN_SERVER, folder.path, PLUGIN_FOLDER, all)
    let scrapes: NodeJS.Timeout | undefined
    const sides: ProtobufSide[] = []
    opened.push({
      async stop() {
        clearInterval(scrapes)
        for (const side of sides) side.close()
        await server.stop()
        folder.remove()
      },
    })
    await server.logged(/server started at/)
    if (flags.length > 0) {
      const [, at] = await server.logged(/metrics are served at="([^"]+)"/)
      scrapes = setInterval(() => void scrape(`http://${at}/metrics`), SCRAPE_MS)
    }
    while (sides.length < CONNECTIONS) sides.push(await ProtobufSide.connect(server.socketPath))
    const instance = await sides[0]?.start({
      ...BASE_CONFIG,
      audit: { sink: 'kong' },
      // A machine that others use as well must not end the run.
      deadline_ms: 10_000,
    })
    return {
      wire: 'protobuf',
      connections: CONNECTIONS,
      serverPid: server.child.pid,
      call: async (connection, authorization) =>
        sides[connection]?.access(instance ?? 0, authorization),
    }
  }
}

async function scrape(url: string): Promise<void> {
  const text = await (await fetch(url)).text()
  if (!text.includes('oathmesh_decisions_total')) throw new Error('the exposition lacks decisions')
}
