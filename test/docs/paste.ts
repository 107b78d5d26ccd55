import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

const BUNDLE = resolve('dist/bin/oathmesh.cjs')

export interface PasteOptions {
  readonly cwd: string
  /** Besides PATH. A variable that a block uses and that is not here ends it. */
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** Bash that comes first: functions in place of programs that cannot run here. */
  readonly standIns?: string
}

/**
 * Runs a block as a reader pastes it, with the built command line as `oathmesh`. It ends at the first
 * command that fails. `npm test` builds the command line first.
 */
export function paste(
  block: string,
  { cwd, env, stdin = '', standIns = '' }: PasteOptions,
): Promise<{ readonly output: string; readonly exitCode: number }> {
  const oathmesh = `hash -p "${BUNDLE}" oathmesh`
  const script = ['set -euo pipefail', oathmesh, standIns, block].join('\n')
  const child = spawn('bash', ['--norc', '-c', script], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
  }
  // A block that reads nothing ends before it has taken this.
  child.stdin.on('error', () => {}).end(stdin)
  return new Promise((done) => {
    child.once('close', (code) => done({ output, exitCode: code ?? -1 }))
  })
}
