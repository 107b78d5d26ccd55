import type { Command } from 'commander'
import type { CliIo, ExitCode, Output } from './io.ts'
import { runCli } from './run-cli.ts'

/**
 * Runs a program on the arguments of this process. The exit code is 2 until the command has finished: one
 * that waits for something that never comes lets the event loop run dry, and Node would call that success.
 */
export async function runProcess(programFor: (io: CliIo) => Command): Promise<void> {
  let outcome: ExitCode = 0
  let lost = false
  /** A full disk: what a command has found is not there to be read, whatever it found. */
  const unwritten = (name: string) => (cause: Error) => {
    lost = true
    process.exitCode = 2
    io.stderr.write(`oathmesh: ${name} cannot be written: ${cause.message}\n`)
  }
  const io: CliIo = {
    stdin: process.stdin,
    stdout: outputOf(process.stdout, unwritten('standard output')),
    // There is nobody left to tell.
    stderr: outputOf(process.stderr, () => {}),
    setExitCode(code: ExitCode) {
      outcome = code
    },
  }
  const program = programFor(io)
  const unfinished = () => {
    io.stderr.write(`${program.name()}: ended before the command was done\n`)
  }
  process.exitCode = 2
  process.once('beforeExit', unfinished)
  await runCli(program, process.argv.slice(2), io)
  process.off('beforeExit', unfinished)
  process.exitCode = lost ? 2 : outcome
}

function outputOf(stream: NodeJS.WriteStream, unwritten: (cause: Error) => void): Output {
  // A reader that has seen enough, as `head` does, is no fault.
  stream.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EPIPE') unwritten(cause)
  })
  return {
    write: (text) => stream.write(text),
    // https://no-color.org: set and not empty means no colour.
    color: stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb',
  }
}
