import { readdirSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { freshToken } from '../testkit/fresh-token.ts'
import { residentKib } from '../testkit/resident-kib.ts'
import { serve } from './server/serve.ts'
import { preciseCpuMs } from './shared/process-cpu.ts'
import { print, Report } from './shared/report.ts'
import { median, quantile, spread } from './shared/statistics.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '2' },
    'per-second': { type: 'string', default: '200' },
    /** Latencies are shown and not judged: for a machine that does other things meanwhile. */
    untimed: { type: 'boolean', default: false },
  },
})
const minutes = Number(values.minutes)
const perSecond = Number(values['per-second'])
if (!(minutes >= 1 && perSecond >= 10)) {
  throw new TypeError('expected --minutes 1 or more, --per-second 10 or more')
}

const CONNECTIONS = 8
/** Of a window, after which everything is looked at. */
const WINDOW_SECONDS = 5
const LIFETIME_SECONDS = 3

interface Window {
  readonly residentMb: number
  readonly handles: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpuMicros: number
}

const report = new Report(
  'soak',
  `the plugin server alone on ProtoBuf for ${minutes} minutes at ${perSecond} requests per second: two thirds allowed, the rest refused in three ways, records of used tokens lapse within seconds`,
)
const served = await serve({
  dist: 'dist',
  engine: 'sodium-native',
  wire: 'protobuf',
  connections: CONNECTIONS,
  // Records of used tokens are memory by design, so they are made to lapse.
  config: { clock_skew_leeway: 0, audit: { sink: 'none' }, deadline_ms: 10_000 },
})
try {
  // Without leeway, tokens of the last seconds before the start are unknown to the store.
  await pause(3000)
  const windows: Window[] = []
  const count = Math.ceil((minutes * 60) / WINDOW_SECONDS)
  for (let at = 0; at < count; at++) {
    windows.push(await window())
    if (at % 6 === 5) {
      const { residentMb, handles, p99Ms } = windows.at(-1) as Window
      print(
        `${(at + 1) * WINDOW_SECONDS} s: ${residentMb.toFixed(0)} MB, ${handles} handles, p99 ${p99Ms.toFixed(1)} ms`,
      )
    }
  }
  judge(windows)
} finally {
  await served.stop()
}
report.end()

/** Requests at an even pace over all connections, each connection one at a time as Kong does. */
async function window(): Promise<Window> {
  const { pid, sides, begin } = served
  const instance = await begin()
  const times: number[] = []
  const requests = perSecond * WINDOW_SECONDS
  const cpuBefore = preciseCpuMs(pid)
  const start = performance.now()
  let next = 0
  const lane = async (side: (typeof sides)[number]) => {
    while (next < requests) {
      const at = next++
      const due = start + (at * 1000) / perSecond
      const early = due - performance.now()
      if (early > 0) await pause(early)
      const [authorization, wanted] = request(at)
      const from = performance.now()
      const { as } = await side.access(instance, authorization)
      times.push(performance.now() - from)
      if (as !== wanted) throw new Error(`a request that was to be a ${wanted} was a ${as}`)
    }
  }
  await Promise.all(sides.map(lane))
  return {
    residentMb: residentKib(pid) / 1024,
    handles: readdirSync(`/proc/${pid}/fd`).length,
    p50Ms: median(times),
    p99Ms: quantile(times, 0.99),
    cpuMicros: ((preciseCpuMs(pid) - cpuBefore) * 1000) / requests,
  }
}

function request(at: number): readonly [authorization: string | undefined, 'allow' | 'refuse'] {
  const iat = Math.floor(Date.now() / 1000) - 1
  const living = { iat, exp: iat + LIFETIME_SECONDS }
  switch (at % 9) {
    case 0:
      return [undefined, 'refuse']
    case 3:
      return [`OathMesh not-a-token-${at}`, 'refuse']
    case 6:
      return [`OathMesh ${freshToken({ iat: iat - 300, exp: iat - 200 })}`, 'refuse']
    default:
      return [`OathMesh ${freshToken(living)}`, 'allow']
  }
}

/** What the last third is, against the third before it: by then caches and heap have their size. */
function judge(windows: readonly Window[]): void {
  const third = Math.floor(windows.length / 3)
  const before = windows.slice(third, 2 * third)
  const after = windows.slice(2 * third)
  const rows = [before, after].map((part, at) => ({
    name: at === 0 ? 'second third' : 'last third',
    figures: {
      'resident MB': spread(part.map(({ residentMb }) => residentMb)),
      handles: spread(part.map(({ handles }) => handles)),
      'p50 ms': spread(part.map(({ p50Ms }) => p50Ms)),
      'p99 ms': spread(part.map(({ p99Ms }) => p99Ms)),
      'CPU µs': spread(part.map(({ cpuMicros }) => cpuMicros)),
    },
  }))
  report.table('Windows of five seconds', rows)
  const of = (part: readonly Window[], name: keyof Window) => median(part.map((each) => each[name]))
  // What is about to be collected comes and goes; what is held shows in the least of a third.
  const least = (part: readonly Window[]) => Math.min(...part.map(({ residentMb }) => residentMb))
  report.expect({
    about: 'growth of resident memory, MB',
    found: least(after) - least(before),
    atMost: 8,
  })
  report.expect({
    about: 'growth of open handles',
    found: of(after, 'handles') - of(before, 'handles'),
    atMost: 4,
  })
  if (values.untimed) return
  report.expect({
    about: 'p50 of the last third against the one before',
    found: of(after, 'p50Ms') / of(before, 'p50Ms'),
    atMost: 1.5,
  })
}

function pause(ms: number): Promise<void> {
  return new Promise((later) => setTimeout(later, ms))
}
