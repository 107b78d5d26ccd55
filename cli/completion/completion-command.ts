import { Argument, Command } from 'commander'
import type { CliIo } from '../terminal/io.ts'
import { commandTree } from './command-tree.ts'
import { SCRIPTS, type Shell } from './scripts.ts'

const HELP = `
Examples:
  $ source <(oathmesh completion bash)                                  # in ~/.bashrc
  $ oathmesh completion zsh > "\${fpath[1]}/_oathmesh"
  $ oathmesh completion fish > ~/.config/fish/completions/oathmesh.fish

Exit codes: 0 printed, 2 wrong usage`

/** `oathmesh completion`: a static script, made of the commands there are. */
export function completionCommand(io: CliIo): Command {
  return new Command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>').choices(Object.keys(SCRIPTS)))
    .addHelpText('after', HELP)
    .action((shell: Shell, _: object, command: Command) => {
      io.stdout.write(SCRIPTS[shell](commandTree(rootOf(command))))
    })
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent)
}
