import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import {
  bundleServer,
  ServerProcess,
  STOCK,
  temporaryFolder,
} from '../test/plugins/pluginserver/server-process.ts'
import { leakOfEnvoy } from './envoy/leak.ts'
import { MemoryLoad } from './memory-load.ts'
import { MEMORY_SUBJECTS, type MemorySubject } from './memory-subjects.ts'

const CONNECTIONS = 8
const MEGABYTE = 1024 * 1024
/** Beyond these the run fails. */
const MAX_GROWTH_MB = 20
const MAX_IDLE_MB = 75
const OUTCOMES = ['deny', 'allow'] as const

interface Figures {
  readonly server: string
  readonly outcome: (typeof OUTCOMES)[number]
  readonly idleMb: number
  readonly warmMb: number
  readonly endMb: number
  readonly perSecond: number
  readonly cpuMicros: number
}

const { values } = parseArgs({
  options: {
    plugin: { type: 'string', default: 'tiny' },
    requests: { type: 'string', default: '300000' },
    only: { type: 'string' },
    envoy: { type: 'boolean', default: false },
  },
})
if (values.envoy) process.exit((await leakOfEnvoy(Number(values.requests))) ? 1 : 0)
const subject = MEMORY_SUBJECTS[values.plugin]
const requests = Number(values.requests)
if (subject === undefined || !(requests >= 10))
  throw new TypeError('--plugin tiny|oathmesh --requests n')

const folder = temporaryFolder()
const SERVERS = [
  { server: 'oathmesh-pluginserver', script: bundleServer(folder.path), bounded: true },
  { server: 'kong-js-pluginserver', script: STOCK, bounded: false },
].filter(({ server }) => values.only === undefined || server === values.only)

const figures: Figures[] = []
let running: ServerProcess | undefined
try {
  for (const { server, script } of SERVERS) {
    for (const outcome of OUTCOMES) {
      running = await ServerProcess.start(script, folder.path, subject.folder)
      figures.push(await measure(server, running, outcome, subject))
      await running.stop()
    }
  }
} finally {
  await running?.stop()
  folder.remove()
}
print(figures)
process.exitCode = faults(figures).length > 0 ? 1 : 0

/** One server process under one kind of load: grows by what it never frees. */
async function measure(
  server: string,
  running: ServerProcess,
  outcome: Figures['outcome'],
  { name, settleMs, config, respond }: MemorySubject,
): Promise<Figures> {
  const idleMb = running.residentBytes / MEGABYTE
  const load = await MemoryLoad.connect(running.socketPath, CONNECTIONS, respond(outcome))
  const instance = await load.start(name, config(outcome))
  await sleep(settleMs)
  const slice = Math.ceil(requests / 6)
  // The heap takes its working size during the first slice; what comes on top is growth.
  await runSlice(slice)
  const warmMb = running.residentBytes / MEGABYTE
  const start = performance.now()
  const cpuBefore = running.cpuMs
  for (let done = 0; done < requests; ) {
    const part = Math.min(slice, requests - done)
    await runSlice(part)
    done += part
    progress(done, performance.now() - start)
  }
  const seconds = (performance.now() - start) / 1000
  const endMb = running.residentBytes / MEGABYTE
  const cpuMicros = ((running.cpuMs - cpuBefore) * 1000) / requests
  load.close()
  return { server, outcome, idleMb, warmMb, endMb, perSecond: requests / seconds, cpuMicros }

  async function runSlice(count: number): Promise<void> {
    const ends = await load.run(instance, count)
    const wanted = outcome === 'deny' ? 'kong.response.exit' : 'kong.service.request.set_headers'
    if (ends[wanted] !== count)
      throw new Error(`not every call was a ${outcome}: ${JSON.stringify(ends)}`)
  }

  function progress(done: number, ms: number): void {
    const megabytes = (running.residentBytes / MEGABYTE).toFixed(0)
    const rate = ((done / ms) * 1000).toFixed(0)
    console.log(`${server} ${outcome}: ${done} of ${requests}, ${rate} per second, ${megabytes} MB`)
  }
}

function print(all: readonly Figures[]): void {
  console.log(`\nResident memory in MB, plugin "${values.plugin}", ${CONNECTIONS} connections.\n`)
  console.log(
    `| Server | Outcome | idle | warm | after ${requests} more | growth | per second | CPU µs each |`,
  )
  console.log('|---|---|---|---|---|---|---|---|')
  for (const { server, outcome, idleMb, warmMb, endMb, ...speed } of all) {
    const megabytes = [idleMb, warmMb, endMb, endMb - warmMb].map((each) => each.toFixed(0))
    const rates = [speed.perSecond, speed.cpuMicros].map((each) => each.toFixed(0))
    console.log(`| ${server} | ${outcome} | ${[...megabytes, ...rates].join(' | ')} |`)
  }
  for (const fault of faults(all)) console.log(`\nFAILED: ${fault}`)
}

function faults(all: readonly Figures[]): string[] {
  const bounded = new Set(SERVERS.filter((each) => each.bounded).map(({ server }) => server))
  return all
    .filter(({ server }) => bounded.has(server))
    .flatMap(({ outcome, idleMb, warmMb, endMb }) => [
      ...(endMb - warmMb >= MAX_GROWTH_MB
        ? [`${outcome} grows by ${MAX_GROWTH_MB} MB or more`]
        : []),
      ...(idleMb > MAX_IDLE_MB ? [`more than ${MAX_IDLE_MB} MB while idle`] : []),
    ])
}
