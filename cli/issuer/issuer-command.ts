import { Command } from 'commander'
import type { CliIo } from '../terminal/io.ts'
import { explainMintCommand } from './explain-mint-command.ts'

/** `oathmesh issuer`: what an issuer's operator asks of a configuration. */
export function issuerCommand(io: CliIo): Command {
  return new Command('issuer')
    .description('explain what an issuer makes of a request')
    .addCommand(explainMintCommand(io))
}
