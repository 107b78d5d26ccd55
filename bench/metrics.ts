import { parseArgs } from 'node:util'
import { allowed } from './server/calls.ts'
import { type Block, runBlock } from './server/load.ts'
import { serve } from './server/serve.ts'
import { Report } from './shared/report.ts'
import { type Subject, takeTurns } from './shared/rounds.ts'
import { ratio, spread } from './shared/statistics.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '60' },
    calls: { type: 'string', default: '300' },
  },
})
const [rounds, calls] = [Number(values.rounds), Number(values.calls)]
if (!(rounds >= 5 && calls >= 50)) {
  throw new TypeError('expected --rounds 5 or more, --calls 50 or more')
}

const CONNECTIONS = 8
/** As often as Prometheus asks by default is once in 15 s or a minute. */
const SCRAPE_MS = 5000
const [WITHOUT, WITH] = ['without metrics', 'with metrics, scraped']

const report = new Report(
  'metrics',
  `two plugin servers, of which one serves metrics that are scraped every ${SCRAPE_MS / 1000} s: ${CONNECTIONS} connections, Kong's log, blocks of ${calls} allowed requests in turn, ${rounds} rounds`,
)
const serving = {
  dist: 'dist',
  engine: 'sodium-native',
  wire: 'protobuf',
  connections: CONNECTIONS,
  // A machine that others use as well must not end the run.
  config: { audit: { sink: 'kong' }, deadline_ms: 10_000 },
} as const
const off = await serve(serving)
const on = await serve({ ...serving, flags: ['--metrics', '127.0.0.1:0'] })
const [, at] = await on.logged(/metrics are served at="([^"]+)"/)
const scrapes = setInterval(() => void scrape(`http://${at}/metrics`), SCRAPE_MS)
try {
  const subjects: readonly Subject<Block>[] = [
    { name: WITHOUT, block: () => runBlock(off, allowed(calls), 'allow') },
    { name: WITH, block: () => runBlock(on, allowed(calls), 'allow') },
  ]
  judge(await takeTurns(subjects, { rounds, warmUp: 10 }))
} finally {
  clearInterval(scrapes)
  await off.stop()
  await on.stop()
}
report.end()

function judge(blocks: ReadonlyMap<string, readonly Block[]>): void {
  const of = (name: string, figure: 'perSecond' | 'cpuMicros') =>
    (blocks.get(name) ?? []).map((block) => block[figure])
  report.table(
    'Allowed',
    [WITHOUT, WITH].map((name) => ({
      name,
      figures: {
        'per second': spread(of(name, 'perSecond')),
        'CPU µs per request': spread(of(name, 'cpuMicros')),
      },
    })),
  )
  report.expect({
    about: 'throughput with metrics against without',
    found: ratio(of(WITH, 'perSecond'), of(WITHOUT, 'perSecond')).median,
    atLeast: 0.98,
  })
}

async function scrape(url: string): Promise<void> {
  const text = await (await fetch(url)).text()
  if (!text.includes('oathmesh_decisions_total')) throw new Error('the exposition lacks decisions')
}
