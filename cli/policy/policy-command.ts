import { Command } from 'commander'
import type { CliIo } from '../terminal/io.ts'
import { checkCommand } from './check-command.ts'
import { explainCommand } from './explain-command.ts'
import { testCommand } from './test-command.ts'

/** `oathmesh policy`: what the author of a policy needs before a gateway runs it. */
export function policyCommand(io: CliIo): Command {
  return new Command('policy')
    .description('check, test and explain policies')
    .addCommand(checkCommand(io))
    .addCommand(testCommand(io))
    .addCommand(explainCommand(io))
}
