import { Command } from 'commander'
import { version } from '../../package.json'
import type { CliIo } from './io.ts'
import { kongCommand } from './kong/kong-command.ts'
import { policyCommand } from './policy/policy-command.ts'

/** The `oathmesh` program with all its groups of commands. */
export function oathmeshProgram(io: CliIo): Command {
  return new Command('oathmesh')
    .description('Tools for single-use machine tokens behind Kong')
    .version(version)
    .addCommand(kongCommand(io))
    .addCommand(policyCommand(io))
}
