import { Command } from 'commander'
import type { CliIo } from '../terminal/io.ts'
import { lintCommand } from './lint-command.ts'

/** `oathmesh envoy`: what an operator of Envoy needs beside the service. */
export function envoyCommand(io: CliIo): Command {
  return new Command('envoy')
    .description('configuration of the Envoy in front of oathmesh-envoy')
    .addCommand(lintCommand(io))
}
