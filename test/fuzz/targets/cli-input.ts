import { oathmeshProgram } from '../../../cli/program.ts'
import type { CliIo } from '../../../cli/terminal/io.ts'
import { runCli } from '../../../cli/terminal/run-cli.ts'
import { tokenOf } from '../../../testkit/vectors.ts'
import { fakeIo } from '../../cli/fake-io.ts'
import { type FuzzTarget, holds, text } from '../fuzz-target.ts'

const COMMANDS = [
  ['inspect', '-'],
  ['inspect', '-', '--json'],
  ['audit', '-'],
  ['audit', 'summary', '-'],
] as const

/** What is piped into a command: an exit code of the table, and no character that acts on the terminal. */
export const cliInput: FuzzTarget = {
  name: 'cli-input',
  seeds: [
    tokenOf({ name: 'fuzz', expect: 'allow' }),
    'Authorization: OathMesh a.b.c',
    '{"ts":"2026-11-24T03:09:04.000Z","event":"allow","jti":"a","sub":"svc://a","us":412}\n',
    '\x1f\x8b\x08\x00',
    '',
  ].map((seed) => text(seed)),
  dictionary: ['.', '\n', '\r', '\x1b]0;x\x07', '\xe2\x80\xae', 'eyJ', '{"ts":"', '\x00'],
  async check(input) {
    const args = COMMANDS[(input[0] ?? 0) % COMMANDS.length] ?? COMMANDS[0]
    piped = input
    current = fakeIo()
    await runCli(program, args, io)
    const { stdout, stderr, exitCode } = current.written
    holds([0, 1, 2].includes(exitCode), 'another exit code')
    holds(!/\n\s+at /.test(stderr), `a stack: ${stderr}`)
    holds(!/[^\P{Cc}\n]|\p{Cf}/u.test(stdout + stderr), 'a character that acts')
  },
}

let piped: Buffer = Buffer.alloc(0)
let current = fakeIo()
/** One for all runs, because making every command takes longer than running one. */
const io: CliIo = {
  get stdin() {
    return (async function* () {
      yield piped
    })()
  },
  stdout: { color: false, write: (text) => current.stdout.write(text) },
  stderr: { color: false, write: (text) => current.stderr.write(text) },
  setExitCode: (code) => current.setExitCode(code),
}
const program = oathmeshProgram(io)
