import { spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { oathmeshProgram } from '../../../cli/program.ts'
import { runCli } from '../../../cli/terminal/run-cli.ts'
import { fakeIo } from '../fake-io.ts'
import type { Execute } from './transcript.ts'

const BUNDLE = join(__dirname, '../../../dist/bin/oathmesh.cjs')

/** Runs a command in this process. Files are named relative to the folder. */
export const inProcess: Execute = async ({ args, stdin }, folder) => {
  const io = fakeIo(stdin === undefined ? '' : readFileSync(join(folder, stdin), 'utf8'))
  const before = process.cwd()
  process.chdir(folder)
  try {
    await runCli(oathmeshProgram(io), args, io)
  } finally {
    process.chdir(before)
  }
  return io.written
}

/** Runs a command as users do: the built bundle, in a process of its own. */
export const asBundle: Execute = async ({ args, stdin }, folder) => {
  const input = stdin === undefined ? 'ignore' : openSync(join(folder, stdin), 'r')
  const child = spawn(process.execPath, [BUNDLE, ...args], {
    cwd: folder,
    stdio: [input, 'pipe', 'pipe'],
    env: { ...process.env, FORCE_COLOR: undefined, NODE_OPTIONS: undefined },
  })
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk))
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve(code ?? -1))
  })
  return {
    stdout: Buffer.concat(stdout).toString(),
    stderr: Buffer.concat(stderr).toString(),
    exitCode,
  }
}
