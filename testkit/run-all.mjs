import { spawn } from 'node:child_process'
import { SecretSearch } from './secret-search.mjs'

/**
 * Every test there is, one runner after the other. Each runner's output goes by as it comes; its own last line
 * `N passed, N failed`, with or without a word before it, is what counts. The last line here is their sum.
 */
const RUNNERS = [
  ['jest', 'npx', ['jest']],
  ['go', 'sh', ['sdk/go/check.sh']],
  ['python', 'sh', ['sdk/python/check.sh']],
  ['audit', 'npx', ['tsx', 'release/audit.ts']],
]
const COUNTS = /^(?:\w+: )?(\d+) passed, (\d+) failed$/gm

const search = new SecretSearch()
let [allPassed, allFailed] = [0, 0]
const lines = []
for (const [name, command, args] of RUNNERS) {
  process.stdout.write(`\n== ${name}\n`)
  const { output, code } = await run(name, command, args)
  const [, passed = '0', failed = '0'] = [...output.matchAll(COUNTS)].at(-1) ?? []
  // A runner that failed without a test to blame is a failure all the same.
  const faults = Number(failed) + (code !== 0 && failed === '0' ? 1 : 0)
  allPassed += Number(passed)
  allFailed += faults
  lines.push(`${name}: ${passed} passed, ${faults} failed`)
}
// Whatever a program under test prints comes by here, and planted secrets with it.
allPassed += search.found === 0 ? 1 : 0
allFailed += search.found
lines.push(`secrets: ${search.found} found in ${search.lines} lines of output`)
process.stdout.write(`\n${lines.join('\n')}\n${allPassed} passed, ${allFailed} failed\n`)
process.exitCode = allFailed > 0 || allPassed === 0 ? 1 : 0

function run(name, command, args) {
  return new Promise((ended) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stderr.on('data', (chunk) => {
      process.stderr.write(chunk)
      search.take(`${name} stderr`, chunk)
    })
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk)
      search.take(name, chunk)
      output = (output + chunk).slice(-64 * 1024)
    })
    child.once('error', (cause) => ended({ output: String(cause), code: 1 }))
    child.once('close', (code) => ended({ output, code }))
  })
}
