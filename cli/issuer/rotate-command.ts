import { Command } from 'commander'
import type { Rotation } from '../../issuer/index.ts'
import { systemClock } from '../../lib/index.ts'
import { formatInstant } from '../../lib/ports/clock.ts'
import type { CliIo } from '../terminal/io.ts'
import { daysOf, directoryFault, type KeyOptions, keyPlaceOf, secondsOf } from './key-options.ts'

const DAY_SECONDS = 86_400

interface RotateOptions extends KeyOptions {
  readonly delay?: string
  readonly every?: string
  readonly json?: true
}

const HELP = `
A running issuer publishes the new key within a second or two and begins to sign with it when every gateway
has seen it: after the JWKS TTL and ten seconds. No restart. The old key stays published for as long as
a token of it may be accepted; the next rotation removes its file.

Where files reach the issuers late, as in a Kubernetes secret, give --delay 300. After the loss of a key, give
--delay 0 and delete the old file: its tokens are refused as gateways fetch the keys anew.

With --every a second rotation of the same key directory, by a timer of another machine say, changes nothing.

Examples:
  $ oathmesh keys rotate --config issuer.yaml
  $ oathmesh keys rotate --directory keys --json
  $ oathmesh keys rotate --config issuer.yaml --every 25

Exit codes: 0 rotated, or not due; 2 wrong usage or a directory that cannot be used`

/** `oathmesh keys rotate`: a new signing key, published before it is used. */
export function rotateCommand(io: CliIo): Command {
  return new Command('rotate')
    .description('add a signing key, which replaces the present one after a while')
    .option('--config <file>', "the issuer's configuration")
    .option('--directory <folder>', 'the folder of keys, instead of --config')
    .option('--jwks-ttl <seconds>', 'how long gateways rely on fetched keys, with --directory (60)')
    .option('--delay <seconds>', 'sign with it after this time instead')
    .option('--every <days>', 'leave a key alone that is younger than this')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', HELP)
    .action((options: RotateOptions) => rotate(options, io))
}

async function rotate(options: RotateOptions, io: CliIo): Promise<void> {
  const { rotateKey } = await import('../../issuer/index.ts')
  const place = await keyPlaceOf(options, io)
  const delaySeconds = options.delay === undefined ? undefined : secondsOf(options.delay)
  const every = options.every === undefined ? undefined : daysOf(options.every) * DAY_SECONDS
  const rotation = await rotateKey({
    ...place,
    now: systemClock.now() / 1000,
    delaySeconds,
    unlessYoungerSeconds: every,
  }).catch((cause: unknown) => {
    throw directoryFault(place.directory, cause)
  })
  io.stdout.write(options.json ? `${json(rotation)}\n` : text(rotation))
}

function json({ key, outcome, removed }: Rotation): string {
  const { kid, file, activeAt } = key
  return JSON.stringify({ outcome, kid, file, signs_from: instant(activeAt), removed }, null, 2)
}

function text({ key, outcome, removed }: Rotation): string {
  if (outcome === 'kept')
    return `${key.kid} signs from ${instant(key.activeAt)}: no rotation is due\n`
  const lines = [`${key.kid} signs from ${instant(key.activeAt)}, in ${key.file}`]
  lines.push(...removed.map((file) => `${file} removed: nothing it signed is accepted any more`))
  return `${lines.join('\n')}\n`
}

function instant(seconds: number): string {
  return formatInstant(seconds * 1000)
}
