import { Command } from 'commander'
import type { CliIo } from '../terminal/io.ts'

const HELP = `
Stops on SIGTERM and SIGINT, after the requests under way. On SIGHUP it reads clients, providers, rules, limits and
TLS files anew; with a fault, the ones before go on. Keys are followed while it runs. "docs/issuer.md" explains the configuration.

Examples:
  $ oathmesh serve --config issuer.yaml
  $ oathmesh serve --config issuer.yaml --check

Exit codes: 0 stopped or, with --check, valid; 2 wrong usage or configuration`

/** `oathmesh serve`: the issuer. */
export function serveCommand(io: CliIo): Command {
  return new Command('serve')
    .description('run the issuer')
    .requiredOption('--config <file>', 'configuration, YAML or JSON; - for standard input')
    .option('--check', 'check configuration and keys, and end')
    .addHelpText('after', HELP)
    .action(async ({ config, check }: { readonly config: string; readonly check?: true }) => {
      // Loaded when it is needed: no other command has a use for a web server.
      const { serve } = await import('./serve.ts')
      await serve({ file: config, mode: check ? 'check' : 'run' }, io)
    })
}
