import { Command } from 'commander'
import { monotonic, proxyFrom, systemClock } from '../../lib/index.ts'
import { silentLog } from '../../lib/ports/log.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { readInput } from '../terminal/read-input.ts'
import { mintExplanationText } from './mint-explanation-text.ts'
import { openIssuerConfig } from './open-issuer-config.ts'
import { toIssuerSettings } from './to-issuer-settings.ts'

interface ExplainMintOptions {
  readonly config: string
  readonly client?: string
  readonly aud: string
  readonly act: string
  readonly sub?: string
  readonly scope?: readonly string[]
  readonly env?: string
  readonly tenant?: string
  readonly json?: true
}

const HELP = `
Shows the provider that an identity token belongs to, every check on its claims, the subject that it is mapped to,
and what each rule makes of the token that would be minted. Nothing is minted. The keys of the provider are fetched
as the issuer does; an expired token is shown as such and explained all the same.

Examples:
  $ oathmesh issuer explain --config issuer.yaml --aud https://inventory.internal --act inventory.read @identity.jwt
  $ oathmesh issuer explain --config issuer.yaml --client billing --sub svc://acme/billing --aud https://inventory.internal --act inventory.read

Exit codes: 0 would be minted, 1 would be refused, 2 wrong usage or configuration`

/** `oathmesh issuer explain`: what an issuer would make of a request, and why. */
export function explainMintCommand(io: CliIo): Command {
  return new Command('explain')
    .description('show what an issuer would make of a request, check by check and rule by rule')
    .argument('[token]', 'identity token of a workload; @file, or - for standard input')
    .requiredOption('--config <file>', "the issuer's configuration")
    .option('--client <name>', 'ask as this static client instead; its secret is not needed')
    .requiredOption('--aud <audience>', 'audience of the wanted token')
    .requiredOption('--act <action>', 'action of the wanted token')
    .option('--sub <subject>', 'subject, where a client asks')
    .option('--scope <scopes...>', 'scopes')
    .option('--env <environment>', 'environment')
    .option('--tenant <tenant>', 'tenant')
    .option('--json', 'print the explanation as JSON')
    .addHelpText('after', HELP)
    .action((token: string | undefined, options: ExplainMintOptions) => run(token, options, io))
}

async function run(token: string | undefined, options: ExplainMintOptions, io: CliIo) {
  const { config: file, client, json, ...wanted } = options
  if ((token === undefined) === (client === undefined)) {
    throw new InputError('give either an identity token or --client')
  }
  const { createIssuer, explainMint, KeySchedule } = await import('../../issuer/index.ts')
  const opened = await openIssuerConfig(file, io)
  const settings = toIssuerSettings(opened)
  const clock = systemClock
  const issuer = withFaults(() =>
    createIssuer({
      settings,
      keys: { schedule: new KeySchedule([], settings.jwksTtlSeconds) },
      audit: { write() {} },
      clock,
      stopwatch: monotonic,
      proxyFor: proxyFrom(process.env),
      log: silentLog,
    }),
  )
  const who = client === undefined ? { identityToken: await textOf(token ?? '', io) } : { client }
  const explained = await explainMint(issuer, { ...who, wanted }, clock.now() / 1000)
  if (explained.outcome === 'refuse') io.setExitCode(1)
  io.stdout.write(
    json
      ? `${JSON.stringify(explained, null, 2)}\n`
      : mintExplanationText(explained, io.stdout.color),
  )
}

async function textOf(argument: string, io: CliIo): Promise<string> {
  const file = argument.startsWith('@') ? argument.slice(1) : argument
  const inline = file === argument && argument !== '-'
  return (inline ? argument : (await readInput(file, io)).toString('utf8')).trim()
}

function withFaults<T>(make: () => T): T {
  try {
    return make()
  } catch (cause) {
    if (cause instanceof TypeError) throw new InputError(cause.message, { cause })
    throw cause
  }
}
