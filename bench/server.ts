import { parseArgs } from 'node:util'
import { allowed, REFUSED } from './server/calls.ts'
import { type Block, runBlock } from './server/load.ts'
import { type Served, type Serving, serve } from './server/serve.ts'
import { Report } from './shared/report.ts'
import { type Subject, takeTurns } from './shared/rounds.ts'
import { ratio, spread } from './shared/statistics.ts'

const { values } = parseArgs({
  options: {
    /** Another build to compare with: the folder that holds `bin` and `kong`. */
    baseline: { type: 'string' },
    rounds: { type: 'string', default: '9' },
    calls: { type: 'string', default: '800' },
    /** Names of what is measured, with commas between them; `sodium-native` always is. */
    only: { type: 'string' },
    profile: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const calls = Number(values.calls)
if (!(rounds >= 5 && calls >= 50))
  throw new TypeError('expected --rounds 5 or more, --calls 50 or more')

const CONNECTIONS = 16
const ours = { dist: 'dist', engine: 'sodium-native', wire: 'protobuf' } as const
const none = { audit: { sink: 'none' } }
const base = { ...ours, connections: CONNECTIONS, config: none }
const SERVERS: Readonly<Record<string, Serving>> = {
  ...(values.baseline && {
    baseline: { ...base, dist: values.baseline, engine: 'without-sodium' as const },
  }),
  'node:crypto': { ...base, engine: 'without-sodium' },
  'sodium-native': { ...base, profile: values.profile },
  // One process shares nothing but the socket with its sisters, and their store is Redis in earnest.
  'sodium-native with 2 workers': { ...base, flags: ['--workers', '2'] },
  'sodium-native with 4 workers': { ...base, flags: ['--workers', '4'] },
  'sodium-native on MessagePack': { ...base, wire: 'msgpack' },
  'sodium-native with Kong’s log': { ...base, config: { audit: { sink: 'kong' } } },
  'sodium-native on MessagePack with Kong’s log': {
    ...base,
    wire: 'msgpack',
    config: { audit: { sink: 'kong' } },
  },
}

const wanted = values.only?.split(',')
const isWanted = (name: string) =>
  wanted === undefined || name === 'sodium-native' || wanted.includes(name)

const report = new Report(
  'server',
  `the plugin server alone, this process in Kong's place at its socket: ${CONNECTIONS} connections, memory store, blocks of ${calls} requests in turn, a token of its own minted beforehand for each, ${rounds} rounds`,
)
const opened = new Map<string, Served>()
try {
  const servers = Object.entries(SERVERS).filter(([name]) => isWanted(name))
  for (const [name, serving] of servers) opened.set(name, await serve(serving))
  const subjects: Subject<Block>[] = [...opened].map(([name, served]) => ({
    name,
    block: () => runBlock(served, allowed(calls), 'allow'),
  }))
  const sodium = opened.get('sodium-native')
  if (sodium === undefined) throw new Error('no server')
  for (const [name, make] of Object.entries(REFUSED).filter(([each]) => isWanted(each))) {
    subjects.push({ name, block: () => runBlock(sodium, make(calls), 'refuse') })
  }
  judge(await takeTurns(subjects, { rounds, warmUp: 3 }))
} finally {
  for (const served of opened.values()) await served.stop()
}
report.end()

function judge(blocks: ReadonlyMap<string, readonly Block[]>): void {
  const cpu = (name: string) => (blocks.get(name) ?? []).map(({ cpuMicros }) => cpuMicros)
  const rate = (name: string) => (blocks.get(name) ?? []).map(({ perSecond }) => perSecond)
  const row = (name: string, to: string) => ({
    name,
    figures: {
      'CPU µs per request': spread(cpu(name)),
      [`CPU × ${to}`]: ratio(cpu(name), cpu(to)),
      'per second': spread(rate(name)),
      'round trips': Math.max(...(blocks.get(name) ?? []).map(({ roundTrips }) => roundTrips)),
    },
  })
  const [first = 'sodium-native'] = opened.keys()
  report.table(
    'Allowed',
    [...opened.keys()].map((name) => row(name, first)),
  )
  const refused = [...blocks.keys()].filter((name) => !opened.has(name))
  if (refused.length > 0) {
    report.table(
      'Refused, sodium-native; each costs a new connection, as Kong drops the one of a refused request',
      refused.map((name) => row(name, 'sodium-native')),
    )
  }
  const expect = (about: string, name: string, to: string, atMost: number) => {
    if (!opened.has(name) || !opened.has(to)) return
    const found = ratio(cpu(name), cpu(to)).median
    report.expect({ about: `CPU of the server per allowed request, ${about}`, found, atMost })
  }
  expect('sodium-native against the baseline', 'sodium-native', 'baseline', 0.6)
  expect('ProtoBuf against MessagePack', 'sodium-native', 'sodium-native on MessagePack', 1)
}
