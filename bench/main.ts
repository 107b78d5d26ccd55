import { benchCore } from './core.ts'
import { benchGateway } from './gateway.ts'

const print = (line = '') => process.stdout.write(`${line}\n`)
const round = (value: number, digits = 2) => value.toFixed(digits)

print('core: whole pipeline against a bare crypto.verify of the same message, taking turns …')
const core = await benchCore()
print(`  bare crypto.verify   ${round(core.bareMicroseconds, 1)} µs`)
print(
  `  whole pipeline       ${round(core.pipelineMicroseconds, 1)} µs, p99 ${round(core.pipelineP99Microseconds, 1)} µs`,
)
print(`  ratio                ${round(core.ratio)} (aim: at most 1.50)`)
print()
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
