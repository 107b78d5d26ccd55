#!/usr/bin/env node
import { oathmeshProgram } from './program.ts'
import type { CliIo, ExitCode, Output } from './terminal/io.ts'
import { runCli } from './terminal/run-cli.ts'

const io: CliIo = {
  stdin: process.stdin,
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  setExitCode(code: ExitCode) {
    process.exitCode = code
  },
}

void runCli(oathmeshProgram(io), process.argv.slice(2), io)

function outputOf(stream: NodeJS.WriteStream): Output {
  // A reader that has seen enough, as `head` does, is no fault.
  stream.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EPIPE') throw cause
  })
  return {
    write: (text) => stream.write(text),
    // https://no-color.org: set and not empty means no colour.
    color: stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb',
  }
}
