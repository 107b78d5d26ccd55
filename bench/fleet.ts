import { parseArgs } from 'node:util'
import { costsHere, MEASURED } from './fleet/costs.ts'
import { type Fleet, simulate } from './fleet/simulate.ts'
import { Report } from './shared/report.ts'

const { values } = parseArgs({
  options: {
    nodes: { type: 'string' },
    workers: { type: 'string', default: '1' },
    'per-second': { type: 'string' },
    repeated: { type: 'string', default: '0' },
    seconds: { type: 'string', default: '60' },
    lifetime: { type: 'string', default: '60' },
    /** Take the figures of `bench:server` on this machine. */
    here: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
  },
})
/** A record outlives its token by twice the default leeway. */
const LEEWAY_SECONDS = 30
const costs = values.here ? costsHere() : MEASURED
const common = {
  workers: Number(values.workers),
  repeated: Number(values.repeated),
  seconds: Number(values.seconds),
  recordSeconds: Number(values.lifetime) + 2 * LEEWAY_SECONDS,
}
const AWAY = [common.seconds / 3, (2 * common.seconds) / 3] as const

function fleets(): readonly (readonly [name: string, fleet: Fleet])[] {
  if (values.nodes !== undefined && values['per-second'] !== undefined) {
    const fleet = {
      ...common,
      nodes: Number(values.nodes),
      perSecond: Number(values['per-second']),
    }
    return variants(fleet)
  }
  const grid = [1, 2, 4, 8].flatMap((nodes) =>
    [1000, 3000, 10_000, 20_000].map((perSecond) => ({ ...common, nodes, perSecond })),
  )
  return grid.flatMap((fleet) => variants(fleet).slice(0, 1))
}

function variants(fleet: Fleet): readonly (readonly [name: string, fleet: Fleet])[] {
  const name = `${fleet.nodes} × ${fleet.workers}, ${fleet.perSecond} per second`
  return [
    [name, fleet],
    [`${name}, one node lost halfway`, { ...fleet, nodeLostAt: fleet.seconds / 2 }],
    [`${name}, Redis away for a third`, { ...fleet, away: AWAY }],
  ]
}

const report = new Report(
  'fleet',
  `a simulation with the measured figures: ${costs.serverMicros.toFixed(0)} µs of a worker and ${costs.claimMicros} µs of Redis for a call, ${costs.roundTripMicros} µs between the two, tokens of ${values.lifetime} s, every one new but a share of ${common.repeated}`,
)
report.table(
  'Nodes × workers',
  fleets()
    .filter(([, { nodeLostAt, nodes }]) => nodeLostAt === undefined || nodes > 1)
    .map(([name, fleet]) => ({ name, figures: figuresOf(fleet) })),
)
report.end()

function figuresOf(fleet: Fleet): Readonly<Record<string, string>> {
  const outcome = simulate(fleet, costs, mulberry32(Number(values.seed)))
  const calls = outcome.allowed + outcome.refused
  const isOver = outcome.workerLoad > 0.95 || outcome.redisLoad > 0.95
  return {
    'worker busy': percent(outcome.workerLoad),
    'Redis busy': percent(outcome.redisLoad),
    'added p50 ms': isOver ? 'grows' : outcome.p50Ms.toFixed(2),
    'added p99 ms': isOver ? 'grows' : outcome.p99Ms.toFixed(2),
    refused: percent(outcome.refused / calls),
    'Redis MB': outcome.redisMegabytes.toFixed(0),
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`
}

/** Numbers that look random and are the same for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
