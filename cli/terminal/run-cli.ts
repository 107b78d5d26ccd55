import { type Command, CommanderError } from 'commander'
import { errorMessage } from '../../lib/error-message.ts'
import { escapeControls } from '../../lib/index.ts'
import { InputError } from './input-error.ts'
import type { CliIo } from './io.ts'

const PEM = '-----BEGIN'
const KEY_FOR_NAME = 'error: expected the name of a file, found a key or certificate in PEM\n'

/** Runs the program on its arguments. Never rejects: every outcome becomes an exit code. */
export async function runCli(program: Command, args: readonly string[], io: CliIo): Promise<void> {
  for (const command of commandsOf(program)) adopt(command, io)
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (cause) {
    if (cause instanceof CommanderError) return io.setExitCode(cause.exitCode === 0 ? 0 : 2)
    const message = errorMessage(cause)
    io.stderr.write(`${program.name()}: ${printable(message)}\n`)
    // A fault of ours must not look like "done, with findings".
    io.setExitCode(2)
    if (!(cause instanceof InputError) && cause instanceof Error)
      io.stderr.write(`${printable(cause.stack ?? '')}\n`)
  }
}

/** Faults stand one on a line; what they quote of a file does not act on a terminal. */
function printable(message: string): string {
  return message.split('\n').map(escapeControls).join('\n')
}

function commandsOf(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(commandsOf)]
}

/** Commander ends the process itself and writes to it; a command added later inherits neither setting. */
function adopt(command: Command, { stdout, stderr }: CliIo): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    // It begins with a dash, so that Commander takes it for an option and says it again.
    outputError: (text, write) => write(text.includes(PEM) ? KEY_FOR_NAME : text),
    getOutHasColors: () => stdout.color,
    getErrHasColors: () => stderr.color,
  })
}
