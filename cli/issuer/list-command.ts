import { Command } from 'commander'
import type { ScheduledKey } from '../../issuer/index.ts'
import { systemClock } from '../../lib/index.ts'
import { formatInstant } from '../../lib/ports/clock.ts'
import type { CliIo } from '../terminal/io.ts'
import { directoryFault, type KeyOptions, keyPlaceOf } from './key-options.ts'

interface ListOptions extends KeyOptions {
  readonly json?: true
}

const HELP = `
pending: published, signs later. signing: the present one. retiring: published, signs no more. retired: not
published; the next rotation removes the file.

Examples:
  $ oathmesh keys list --config issuer.yaml
  $ oathmesh keys list --directory keys --json

Exit codes: 0 a key signs, 1 none does, 2 wrong usage or a directory that cannot be used`

/** `oathmesh keys list`: what each key of an issuer is for at this moment. */
export function listCommand(io: CliIo): Command {
  return new Command('list')
    .description('show what each signing key is for')
    .option('--config <file>', "the issuer's configuration")
    .option('--directory <folder>', 'the folder of keys, instead of --config')
    .option('--jwks-ttl <seconds>', 'how long gateways rely on fetched keys, with --directory (60)')
    .option('--json', 'print the keys as JSON')
    .addHelpText('after', HELP)
    .action((options: ListOptions) => list(options, io))
}

async function list(options: ListOptions, io: CliIo): Promise<void> {
  const { KeySchedule, readKeyDirectory } = await import('../../issuer/index.ts')
  const { directory, jwksTtlSeconds } = await keyPlaceOf(options, io)
  const keys = await readKeyDirectory(directory).catch((cause: unknown) => {
    throw directoryFault(directory, cause)
  })
  const states = new KeySchedule(keys, jwksTtlSeconds).states(systemClock.now() / 1000)
  if (!states.some(({ state }) => state === 'signing')) io.setExitCode(1)
  const described = states.map(describe)
  io.stdout.write(
    options.json
      ? `${JSON.stringify({ keys: described }, null, 2)}\n`
      : described.map((key) => `${textOf(key)}\n`).join(''),
  )
}

type Described = ReturnType<typeof describe>

function describe({ key: { kid, file, activeAt }, state, publishedUntil }: ScheduledKey) {
  return {
    kid,
    file,
    state,
    ...(activeAt > 0 && { signs_from: formatInstant(activeAt * 1000) }),
    ...(publishedUntil !== undefined && { published_until: formatInstant(publishedUntil * 1000) }),
  }
}

function textOf({ kid, state, signs_from, published_until }: Described): string {
  const from = signs_from === undefined ? '' : `  signs from ${signs_from}`
  const until = published_until === undefined ? '' : `  published until ${published_until}`
  return `${state.padEnd(8)}  ${kid}${from}${until}`
}
