import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type JestResult, tableOf, tableText } from './table.ts'

/**
 * Runs the tests of `test/weaknesses` and prints one line for every weakness of the published implementation and
 * for every attack of its own. Ends with 1 where one is open, or has no test.
 */
const folder = mkdtempSync(join(tmpdir(), 'oathmesh-weaknesses-'))
const outputFile = join(folder, 'jest.json')
try {
  await run('npx', ['jest', 'test/weaknesses', '--json', '--outputFile', outputFile])
  const result = JSON.parse(readFileSync(outputFile, 'utf8')) as JestResult
  const table = tableOf(readFileSync('docs/spec/findings.md', 'utf8'), result)
  process.stdout.write(`${tableText(table)}\n`)
  process.exitCode = table.every(({ state }) => state === 'closed') ? 0 : 1
} finally {
  rmSync(folder, { recursive: true })
}

/** Progress goes to standard error; what jest thinks of the run is in its file. */
function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((ended, failed) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    child.once('error', failed)
    child.once('close', () => ended())
  })
}
