import { Command, Option } from 'commander'
import { GivenCall } from '../../lib/explain/given-call.ts'
import { walk } from '../../lib/explain/walk.ts'
import { type RequestLine, systemClock } from '../../lib/index.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { BOUND_MODES, readBody, readRequestLine } from '../token/bound-request.ts'
import { collect } from '../token/claim-options.ts'
import { readInstant } from '../token/instant.ts'
import { readAuthorization, TOKEN_ARGUMENT } from '../token/read-token.ts'
import { explanationJson, explanationText } from './explanation.ts'
import { inFlags } from './in-flags.ts'
import { type ConfigOptions, readConfig } from './read-config.ts'
import { openVerification } from './verification.ts'

interface ExplainOptions extends ConfigOptions {
  readonly request?: RequestLine
  readonly body?: string
  readonly at?: number
  readonly used?: true
  readonly json?: true
}

const LACKING = 'depends on the request: give --request, and --body if it has one'

const HELP = `
Runs the checks of the plugin itself, with the settings of the entity that Kong runs for the route, or
with those given here. Two things only a gateway knows: whether it has seen the token before (here every
token is used for the first time, or for the second with --used), and who has been revoked.

Examples:
  $ oathmesh explain --config kong.yml#items - < token.txt
  $ oathmesh explain --config kong.yml#items --request 'POST /v1/items?dry=1' --body @item.json @token.txt
  $ oathmesh verify --audience https://inventory.internal --issuer https://issuer.example.com \\
      --jwks jwks.json @token.txt

A token on the command line is seen by others on this machine: prefer @file or -.
Exit codes: 0 allowed, 1 refused, 2 wrong usage or configuration, or not decided without --request`

/** `oathmesh explain`, also `verify`: what a gateway would decide about a token, step by step. */
export function explainTokenCommand(io: CliIo): Command {
  return new Command('explain')
    .alias('verify')
    .description('show which steps of verification a token passes, and where it is refused')
    .argument('[token]', TOKEN_ARGUMENT, '-')
    .option(
      '--config <file#route>',
      'take the settings from a Kong declarative file, or from one of oathmesh-envoy',
    )
    .option('--audience <aud>', 'audience of the API')
    .option('--issuer <iss>', 'trusted issuer; may be repeated', collect)
    .option('--jwks <file>', 'keys of the issuer; without, they are fetched from it')
    .option('--policy <file>', 'policy, .json or .pkl; without, everybody is allowed')
    .addOption(new Option('--bind-mode <mode>', 'mode of request binding').choices(BOUND_MODES))
    .option('--allow-http', 'fetch keys over http, for development')
    .option(
      '--request <request>',
      "the request it came with: 'METHOD /path?query'",
      readRequestLine,
    )
    .option('--body <data>', 'body of that request: text, @file, or - for standard input')
    .option('--at <time>', 'decide as of this time; default now', readInstant)
    .option('--used', 'as if it had been used once before')
    .option('--json', 'print the steps as JSON')
    .addHelpText('after', HELP)
    .action((argument: string, options: ExplainOptions) => explain(argument, options, io))
}

async function explain(argument: string, options: ExplainOptions, io: CliIo): Promise<void> {
  const { request, body, used, json } = options
  if (argument === '-' && body === '-') {
    throw new InputError('explain: token and --body cannot both be standard input')
  }
  if (body !== undefined && request === undefined) {
    throw new InputError('explain: --body needs --request')
  }
  const { config, place } = await readConfig(options, io)
  const call = new GivenCall(
    await readAuthorization(argument, io),
    request,
    await readBody(body, io),
  )
  const at = options.at ?? systemClock.now() / 1000
  const say =
    place === undefined ? inFlags : (fault: string) => `${place.file}:${place.line}: ${fault}`
  const verifier = await openVerification(config, { now: () => at * 1000 }, say)
  if (used) await walk(call, verifier)
  const explanation = { ...(await walk(call, verifier, LACKING)), place, at }
  io.stdout.write(
    json ? explanationJson(explanation) : explanationText(explanation, io.stdout.color),
  )
  io.setExitCode(({ allow: 0, deny: 1, unknown: 2 } as const)[explanation.outcome])
}
