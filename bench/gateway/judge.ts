import type { Row, Threshold } from '../shared/report.ts'
import { ratio, spread } from '../shared/statistics.ts'
import type { Measured } from './measured.ts'
import { AT_16, AT_200, FLOODED, QUIET } from './parts.ts'

type Blocks = ReadonlyMap<string, readonly Measured[]>

export function tableOf(blocks: Blocks): readonly Row[] {
  return [...blocks].map(([name, measured]) => {
    const cpu = measured.flatMap(({ cpuMicros }) => (cpuMicros === undefined ? [] : [cpuMicros]))
    return {
      name,
      figures: {
        'per second': spread(measured.map(({ perSecond }) => perSecond)),
        'p50 ms': spread(measured.map(({ p50Ms }) => p50Ms)),
        'p99 ms': spread(measured.map(({ p99Ms }) => p99Ms)),
        ...(cpu.length > 0 && { 'server CPU µs': spread(cpu) }),
      },
    }
  })
}

/** What the product promises of these figures, as far as they were taken. */
export function judge(parts: ReadonlyMap<string, Blocks>): readonly Threshold[] {
  return [...throughput(parts.get(AT_16)), ...delay(parts.get(AT_200)), ...flood(parts)]
}

function throughput(blocks: Blocks | undefined): readonly Threshold[] {
  const rates = (name: string) => blocks?.get(name)?.map(({ perSecond }) => perSecond) ?? []
  const floor = rates('one verification')
  if (floor.length === 0) return []
  return [
    { name: 'memory', atLeast: 0.85 },
    { name: 'Redis and revocation', atLeast: 0.7 },
  ]
    .filter(({ name }) => rates(name).length > 0)
    .map(({ name, atLeast }) => ({
      about: `${AT_16}: throughput of ${name} against a plugin that verifies and does nothing else`,
      found: ratio(rates(name), floor).median,
      atLeast,
    }))
}

/** The difference within each round, as the median over the rounds. */
function delay(blocks: Blocks | undefined): readonly Threshold[] {
  const p99 = (name: string) => blocks?.get(name)?.map(({ p99Ms }) => p99Ms) ?? []
  const added = (name: string) =>
    spread(p99(name).map((ms, at) => ms - (p99('no plugin')[at] ?? Number.NaN))).median
  if (p99('no plugin').length === 0 || p99('memory').length === 0) return []
  const empty = p99('empty plugin').length === 0 ? undefined : added('empty plugin')
  const beside = empty === undefined ? '' : ` (an empty plugin: ${empty.toFixed(2)})`
  return [
    {
      about: `${AT_200}: milliseconds that oathmesh adds at p99${beside}`,
      found: added('memory'),
      atMost: 1,
    },
  ]
}

function flood(parts: ReadonlyMap<string, Blocks>): readonly Threshold[] {
  const p50 = (part: string) =>
    spread((parts.get(part)?.get('memory') ?? []).map(({ p50Ms }) => p50Ms))
  if (p50(QUIET).rounds === 0 || p50(FLOODED).rounds === 0) return []
  return [
    {
      about: 'p50 of allowed calls in a flood of refused ones, against none',
      found: p50(FLOODED).median / p50(QUIET).median,
      atMost: 1.5,
    },
  ]
}
