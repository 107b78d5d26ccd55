import { Command, Option } from 'commander'
import { type GuardScope, renderDeck, renderPlugins } from '../../kong/guard/render.ts'
import { guardAsKic } from '../../kong/snippets/guard-as-kic.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'

interface GuardOptions {
  readonly scoped?: true
  readonly service?: string
  readonly route?: string
  readonly deck?: true
  readonly kic?: true
  readonly selectTag?: string
  readonly closedByDefault?: true
}

/** `oathmesh kong guard`: prints the entities that refuse what the plugin has not decided. */
export function guardCommand({ stdout }: CliIo): Command {
  return new Command('guard')
    .description('print the guard, which refuses requests that the plugin has not decided')
    .option('--scoped', 'for one route or service; without, one pair covers every oathmesh entity')
    .addOption(new Option('--service <name>', 'scoped to this service').conflicts('route'))
    .option('--route <name>', 'scoped to this route')
    .option('--deck', 'a complete file for decK instead of a plugins block to paste')
    .addOption(
      new Option('--kic', "resources of Kong's ingress controller").conflicts([
        'deck',
        'selectTag',
      ]),
    )
    .option('--select-tag <tag>', 'with --deck, for an estate that is synced by this tag')
    .addOption(
      new Option(
        '--closed-by-default',
        'answer 503 on routes with neither oathmesh nor the tag oathmesh-public',
      ).conflicts(['scoped', 'service', 'route']),
    )
    .action((options: GuardOptions) => {
      stdout.write(render(options))
    })
}

function render(options: GuardOptions): string {
  const scope = scopeOf(options)
  if (options.selectTag !== undefined && options.deck === undefined) {
    throw new InputError('kong guard: --select-tag needs --deck')
  }
  if (options.deck === undefined && options.kic === undefined) return renderPlugins(scope)
  if (scope.kind === 'nested') {
    const form = options.kic ? '--kic' : '--deck'
    throw new InputError(`kong guard: --scoped with ${form} needs --service or --route`)
  }
  if (options.kic) return guardAsKic(scope)
  return renderDeck(scope, options.selectTag)
}

function scopeOf({ scoped, service, route, closedByDefault }: GuardOptions): GuardScope {
  if (closedByDefault) return { kind: 'closed' }
  if (service !== undefined) return { kind: 'service', name: service }
  if (route !== undefined) return { kind: 'route', name: route }
  return { kind: scoped ? 'nested' : 'global' }
}
