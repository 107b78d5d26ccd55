import { Command, Option } from 'commander'
import { DIALECTS } from '../../kong/snippets/dialects.ts'
import { EXAMPLE_NAMES, SNIPPETS, type SnippetNames } from '../../kong/snippets/snippets.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'

interface SnippetFlags extends SnippetNames {
  readonly as: string
  readonly for: string
}

const HELP = `
Prints configuration to paste, written from one description in every dialect. The service is one that Kong
has already; give your own names. Konnect wants ids in variables: INVENTORY_ID for a service "inventory".

Examples:
  $ oathmesh kong snippet --as deck --for redis --service orders > oathmesh.yaml
  $ oathmesh kong snippet --as kic --for guard | kubectl apply --filename -`

/** A name that every dialect can hold as it is. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** `oathmesh kong snippet`: configuration to paste, in the dialect that an estate is kept in. */
export function snippetCommand({ stdout }: CliIo): Command {
  return new Command('snippet')
    .description('print configuration to paste, in any dialect of Kong')
    .addOption(
      new Option('--as <dialect>', 'the dialect')
        .choices(Object.keys(DIALECTS))
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--for <purpose>', 'what it is for')
        .choices(Object.keys(SNIPPETS))
        .default('smallest'),
    )
    .option('--service <name>', 'the service that is protected', EXAMPLE_NAMES.service)
    .option('--other <name>', 'a second one, for toggle-per-service', EXAMPLE_NAMES.other)
    .option('--audience <text>', 'the name callers mint tokens for', EXAMPLE_NAMES.audience)
    .option('--issuer <url>', 'whose tokens are accepted', EXAMPLE_NAMES.issuer)
    .addHelpText('after', HELP)
    .action(({ as, for: purpose, ...names }: SnippetFlags) => {
      for (const flag of ['service', 'other'] as const) {
        if (NAME.test(names[flag])) continue
        throw new InputError(
          `kong snippet: --${flag} must be small letters, digits and hyphens, as Kubernetes names are`,
        )
      }
      const [dialect, snippet] = [DIALECTS[as], SNIPPETS[purpose]]
      if (dialect === undefined || snippet === undefined) throw new InputError('kong snippet: none')
      stdout.write(dialect.write(snippet(names)))
    })
}
