import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Implementation } from './implementation.ts'
import type { Row } from './outcome.ts'

const run = promisify(execFile)
/** Go compiles first, Python installs first. */
const LIMIT_MS = 600_000

interface Program {
  readonly folder: string
  readonly command: readonly string[]
}

const GO = { folder: 'sdk/go', command: ['go', 'run', './internal/conformance'] }
const PYTHON = { folder: 'sdk/python', command: ['sh', 'python.sh', 'tests/conformance.py'] }

/** The programs that print a line of JSON for every case, as `test/vectors/README.md` says. */
export const PROGRAMS: Readonly<Record<'go' | 'python', Program>> = { go: GO, python: PYTHON }

/** What a program makes of the vectors of a folder. */
export async function rowsOf(
  { folder, command }: Program,
  vectors: string,
): Promise<readonly Row[]> {
  const [file = '', ...args] = command
  const options = { cwd: folder, timeout: LIMIT_MS, maxBuffer: 1 << 28 }
  const { stdout } = await run(file, [...args, resolve(vectors)], options)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

function printed(name: string, program: Program): Implementation {
  return { name, run: () => rowsOf(program, 'test/vectors') }
}

/** The verifier of `sdk/go`. */
export const go = printed('go', GO)

/** The verifier of `sdk/python`. */
export const python = printed('python', PYTHON)
