import { spawn } from 'node:child_process'
import { SecretSearch } from './secret-search.mjs'

/**
 * Every test there is, in two lanes of about the same length, since most of them wait most of the time. Each runner's own last
 * line `N passed, N failed`, with or without a word before it, is what counts. The last line here is their sum.
 */
const LANES = [
  [['e2e', 'npx', ['jest', '--selectProjects', 'e2e']]],
  [
    ['unit', 'npx', ['jest', '--selectProjects', 'unit']],
    ['long', 'npx', ['jest', '--selectProjects', 'long']],
    ['go', 'sh', ['sdk/go/check.sh']],
    ['python', 'sh', ['sdk/python/check.sh']],
    ['audit', 'npx', ['tsx', 'release/audit.ts']],
    // Two minutes. No tests to count: what is not flat fails it.
    ['soak', 'npx', ['tsx', 'bench/soak.ts', '--untimed']],
  ],
]
const COUNTS = /^(?:\w+: )?(\d+) passed, (\d+) failed$/gm

const search = new SecretSearch()
let [allPassed, allFailed] = [0, 0]
const lines = []
await Promise.all(
  LANES.map(async (runners, at) => {
    // The output of the first lane goes by as it comes, and that of the others runner by runner.
    for (const runner of runners) await count(runner, at === 0)
  }),
)
// Whatever a program under test prints comes by here, and planted secrets with it.
allPassed += search.found === 0 ? 1 : 0
allFailed += search.found
lines.push(`secrets: ${search.found} found in ${search.lines} lines of output`)
process.stdout.write(`\n${lines.join('\n')}\n${allPassed} passed, ${allFailed} failed\n`)
process.exitCode = allFailed > 0 || allPassed === 0 ? 1 : 0

async function count([name, command, args], isShownAtOnce) {
  const held = []
  const show = isShownAtOnce ? (chunk) => process.stdout.write(chunk) : (chunk) => held.push(chunk)
  show(`\n== ${name}\n`)
  const { output, code } = await run(name, command, args, show)
  process.stdout.write(Buffer.concat(held.map((chunk) => Buffer.from(chunk))))
  const [, passed = '0', failed = '0'] = [...output.matchAll(COUNTS)].at(-1) ?? []
  // A runner that failed without a test to blame is a failure all the same.
  const faults = Number(failed) + (code !== 0 && failed === '0' ? 1 : 0)
  allPassed += Number(passed)
  allFailed += faults
  lines.push(`${name}: ${passed} passed, ${faults} failed`)
}

function run(name, command, args, show) {
  return new Promise((ended) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stderr.on('data', (chunk) => {
      show(chunk)
      search.take(`${name} stderr`, chunk)
    })
    child.stdout.on('data', (chunk) => {
      show(chunk)
      search.take(name, chunk)
      output = (output + chunk).slice(-64 * 1024)
    })
    child.once('error', (cause) => ended({ output: String(cause), code: 1 }))
    child.once('close', (code) => ended({ output, code }))
  })
}
