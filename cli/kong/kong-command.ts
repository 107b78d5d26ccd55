import { Command } from 'commander'
import type { CliIo } from '../terminal/io.ts'
import { guardCommand } from './guard-command.ts'
import { lintCommand } from './lint-command.ts'
import { snippetCommand } from './snippet-command.ts'
import { tryCommand } from './try/try-command.ts'
import { validateCommand } from './validate-command.ts'

/** `oathmesh kong`: what an operator of Kong needs beside the plugin. */
export function kongCommand(io: CliIo): Command {
  return new Command('kong')
    .description('configuration of the Kong that runs the plugin')
    .addCommand(guardCommand(io))
    .addCommand(lintCommand(io))
    .addCommand(validateCommand(io))
    .addCommand(snippetCommand(io))
    .addCommand(tryCommand(io))
}
