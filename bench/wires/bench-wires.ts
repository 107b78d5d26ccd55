import { serverAlone } from './server-alone.ts'
import type { WireFigures } from './take-turns.ts'
import { throughGateway } from './through-gateway.ts'
import { type Case, WIRE_CASES } from './wire-cases.ts'

type Print = (line?: string) => void

const SUBJECTS = { 'plugin server alone': serverAlone, 'local gateway': throughGateway }

/** How ProtoBuf compares with MessagePack in one case. */
export interface WireRatios {
  readonly about: string
  /** Requests per second. */
  readonly throughput: number
  /** Processor time of the plugin server per request. */
  readonly cpu: number
}

/** Prints both wires side by side, and resolves with the ratios of the plugin server alone. */
export async function benchWires(print: Print): Promise<readonly WireRatios[]> {
  const alone: WireRatios[] = []
  for (const [subject, measure] of Object.entries(SUBJECTS)) {
    for (const each of WIRE_CASES) {
      const about = `${subject}, audit ${each.sink}, ${connectionsOf(each)}`
      const figures = await measure(each)
      const ratios = { about, ...ratiosOf(figures) }
      if (measure === serverAlone) alone.push(ratios)
      print(about)
      for (const row of figures) print(`  ${textOf(row)}`)
      print(
        `  protobuf / msgpack: throughput × ${ratios.throughput.toFixed(2)}, server CPU × ${ratios.cpu.toFixed(2)}`,
      )
    }
  }
  return alone
}

function connectionsOf({ connections }: Case): string {
  return connections === 1 ? '1 connection' : `${connections} connections`
}

function ratiosOf(figures: readonly WireFigures[]): Omit<WireRatios, 'about'> {
  const ofWire = (wire: WireFigures['wire'], member: 'perSecond' | 'serverMicros') =>
    figures.find((row) => row.wire === wire)?.[member] ?? Number.NaN
  return {
    throughput: ofWire('protobuf', 'perSecond') / ofWire('msgpack', 'perSecond'),
    cpu: ofWire('protobuf', 'serverMicros') / ofWire('msgpack', 'serverMicros'),
  }
}

function textOf({ wire, roundTrips, p50Ms, p99Ms, perSecond, serverMicros }: WireFigures): string {
  const trips =
    roundTrips === undefined ? [] : [`round trips ${[...new Set(roundTrips)].join('–')}`]
  return [
    wire.padEnd(8),
    ...trips,
    `p50 ${p50Ms.toFixed(2)} ms`,
    `p99 ${p99Ms.toFixed(2)} ms`,
    `${perSecond.toFixed(0)} per second`,
    `server ${serverMicros.toFixed(0)} µs of CPU each`,
  ].join(', ')
}
