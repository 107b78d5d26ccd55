import { parseArgs } from 'node:util'
import { benchCore } from './core.ts'
import { benchGateway } from './gateway.ts'
import { benchMetrics } from './metrics.ts'
import { benchWires, type WireRatios } from './wires/bench-wires.ts'

const PARTS = ['core', 'gateway', 'wires', 'metrics'] as const
const { values } = parseArgs({
  options: { only: { type: 'string' }, 'at-least': { type: 'string' } },
})
const { only, 'at-least': wanted } = values
const atLeast = wanted === undefined ? undefined : Number(wanted)
if (only !== undefined && !PARTS.some((part) => part === only))
  throw new TypeError(`--only ${only}: expected one of ${PARTS.join(', ')}`)
if (atLeast !== undefined && !(atLeast > 0))
  throw new TypeError(`--at-least ${wanted}: expected a ratio such as 1.1`)
if (atLeast !== undefined && only !== undefined && only !== 'wires')
  throw new TypeError('--at-least judges the wires, which are not measured with --only here')

const print = (line = '') => process.stdout.write(`${line}\n`)
const round = (value: number, digits = 2) => value.toFixed(digits)
const parts = only === undefined ? PARTS : PARTS.filter((part) => part === only)

for (const part of parts) {
  if (part === 'core') await printCore()
  else if (part === 'gateway') await printGateway()
  else if (part === 'wires') await printWires()
  else await printMetrics()
}

async function printCore(): Promise<void> {
  print('core: whole pipeline against a bare crypto.verify of the same message, taking turns …')
  const core = await benchCore()
  print(`  bare crypto.verify   ${round(core.bareMicroseconds, 1)} µs`)
  print(
    `  whole pipeline       ${round(core.pipelineMicroseconds, 1)} µs, p99 ${round(core.pipelineP99Microseconds, 1)} µs`,
  )
  print(`  ratio                ${round(core.ratio)} (aim: at most 1.50)`)
  print()
}

async function printGateway(): Promise<void> {
  print('gateway: the same request over three routes of the local gateway, taking turns …')
  const routes = await benchGateway()
  const [, empty, oathmesh] = routes
  for (const { route, medianMs, p99Ms } of routes) {
    print(`  ${route.padEnd(24)} median ${round(medianMs)} ms, p99 ${round(p99Ms)} ms`)
  }
  if (empty !== undefined && oathmesh !== undefined) {
    print(
      `  oathmesh over the empty plugin: median × ${round(oathmesh.medianMs / empty.medianMs)}, + ${round(oathmesh.medianMs - empty.medianMs)} ms; p99 + ${round(oathmesh.p99Ms - empty.p99Ms)} ms`,
    )
  }
  print()
}

async function printWires(): Promise<void> {
  print('wires: allowed requests on ProtoBuf and on MessagePack, memory store, taking turns …')
  const ratios = await benchWires(print)
  if (atLeast === undefined) return
  for (const each of ratios.filter((ratio) => isBelow(ratio, atLeast))) {
    print(`FAILED: ${each.about}: expected throughput × ${atLeast} and less CPU`)
    process.exitCode = 1
  }
}

async function printMetrics(): Promise<void> {
  print('metrics: the plugin server with --metrics, scraped, and without, taking turns …')
  const { throughput, cpu, perSecond, microseconds } = await benchMetrics()
  print(
    `  without              ${round(perSecond, 0)} per second, ${round(microseconds, 0)} µs of CPU each`,
  )
  print(
    `  with                 throughput × ${round(throughput, 3)} (aim: at least 0.98), CPU × ${round(cpu, 3)}`,
  )
  print()
}

function isBelow({ throughput, cpu }: WireRatios, least: number): boolean {
  return !(throughput >= least && cpu < 1)
}
