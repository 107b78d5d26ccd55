import { Command, Option } from 'commander'
import { type GuardScope, renderDeck, renderPlugins } from '../../kong/guard/render.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'

interface GuardOptions {
  readonly scoped?: true
  readonly service?: string
  readonly route?: string
  readonly deck?: true
}

/** `oathmesh kong guard`: prints the entities that refuse what the plugin has not decided. */
export function guardCommand({ stdout }: CliIo): Command {
  return new Command('guard')
    .description('print the guard, which refuses requests that the plugin has not decided')
    .option('--scoped', 'for one route or service; without, one pair covers every oathmesh entity')
    .addOption(new Option('--service <name>', 'scoped to this service').conflicts('route'))
    .option('--route <name>', 'scoped to this route')
    .option('--deck', 'a complete file for decK instead of a plugins block to paste')
    .action((options: GuardOptions) => {
      stdout.write(render(options))
    })
}

function render(options: GuardOptions): string {
  const scope = scopeOf(options)
  if (options.deck === undefined) return renderPlugins(scope)
  if (scope.kind === 'nested') {
    throw new InputError('kong guard: --scoped with --deck needs --service or --route')
  }
  return renderDeck(scope)
}

function scopeOf({ scoped, service, route }: GuardOptions): GuardScope {
  if (service !== undefined) return { kind: 'service', name: service }
  if (route !== undefined) return { kind: 'route', name: route }
  return { kind: scoped ? 'nested' : 'global' }
}
