import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Implementation } from './implementation.ts'
import type { Row } from './outcome.ts'

const run = promisify(execFile)
/** Go compiles first, Python installs first. */
const LIMIT_MS = 600_000

/** A program that prints a line of JSON for every case, as `test/vectors/README.md` says. */
function printed(name: string, folder: string, command: readonly string[]): Implementation {
  const [file = '', ...args] = command
  return {
    name,
    async run() {
      const options = { cwd: folder, timeout: LIMIT_MS, maxBuffer: 1 << 26 }
      const { stdout } = await run(file, [...args, resolve('test/vectors')], options)
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Row)
    },
  }
}

/** The verifier of `sdk/go`. */
export const go = printed('go', 'sdk/go', ['go', 'run', './internal/conformance'])

/** The verifier of `sdk/python`. */
export const python = printed('python', 'sdk/python', ['sh', 'python.sh', 'tests/conformance.py'])
