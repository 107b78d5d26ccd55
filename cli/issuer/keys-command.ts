import { Command } from 'commander'
import type { CliIo } from '../terminal/io.ts'
import { listCommand } from './list-command.ts'
import { rotateCommand } from './rotate-command.ts'

/** `oathmesh keys`: the signing keys of an issuer. */
export function keysCommand(io: CliIo): Command {
  return new Command('keys')
    .description("rotate and list an issuer's signing keys")
    .addCommand(rotateCommand(io))
    .addCommand(listCommand(io))
}
