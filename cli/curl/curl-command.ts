import { Command, Option } from 'commander'
import type { Client } from '../../sdk/node/client.ts'
import { MintError } from '../../sdk/node/mint-error.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { BOUND_MODES, readBody } from '../token/bound-request.ts'
import { addClaimOptions, collect } from '../token/claim-options.ts'
import { addCredentialOptions } from '../token/credential.ts'
import { answerJson, answerText } from './answer.ts'
import { headersOf } from './headers.ts'
import { type MintingOptions, openClient } from './open-client.ts'

interface CurlOptions extends MintingOptions {
  readonly request?: string
  readonly header?: readonly string[]
  readonly data?: string
  readonly include?: true
  readonly json?: true
}

const HELP = `
Mints one token, here with --key and --iss or at --issuer, and makes one call with it. The body of the
answer goes to standard output, its status to standard error. Redirects are not followed.

Examples:
  $ oathmesh curl --key issuer.pem --iss https://issuer.example.com --sub svc://shop/cart \\
      --aud https://inventory.internal --act inventory.read https://gateway.example.com/items
  $ oathmesh curl --issuer https://issuer.example.com --credential-file secret.txt \\
      --aud https://inventory.internal --act inventory.write --bind-mode strict \\
      -X POST -d @item.json https://gateway.example.com/items

Exit codes: 0 status below 400, 1 another status, or no token, 2 wrong usage, or no answer`

/** `oathmesh curl`: one call by hand, with a token minted for it. */
export function curlCommand(io: CliIo): Command {
  const command = new Command('curl')
    .description('mint a token and call an API with it')
    .argument('<url>', 'what to call')
    .option('--key <file>', 'mint here with this private key; - for standard input')
    .option('--iss <issuer>', 'with --key: issuer that publishes the key')
    .option('--issuer <url>', 'mint at this issuer')
    .option('--sub <subject>', 'who calls; needed with --key')
  addCredentialOptions(addClaimOptions(command))
  return command
    .addOption(new Option('--bind-mode <mode>', 'bind the token to this call').choices(BOUND_MODES))
    .option('-X, --request <method>', 'method; default GET, or POST with --data')
    .option('-H, --header <header>', "'Name: value'; may be repeated", collect)
    .option('-d, --data <data>', 'body: text, @file, or - for standard input')
    .option('-i, --include', 'print status and headers before the body')
    .option('--json', 'print status, headers and body as JSON')
    .addHelpText('after', HELP)
    .action((url: string, options: CurlOptions) => curl(url, options, io))
}

async function curl(url: string, options: CurlOptions, io: CliIo): Promise<void> {
  const { data, request, header, include, json } = options
  const sources = [options.key, options.credentialFile, data]
  if (sources.filter((source) => source === '-').length > 1) {
    throw new InputError(
      'curl: only one of --key, --credential-file and --data can be standard input',
    )
  }
  const client = await openClient(options, io)
  const body = await readBody(data, io)
  const init = {
    method: request ?? (data === undefined ? 'GET' : 'POST'),
    headers: headersOf(header),
    ...(data !== undefined && { body }),
  }
  const answer = await call(client, url, init, io)
  if (answer === undefined) return
  if (answer.status >= 400) io.setExitCode(1)
  const text = await answer.text()
  if (json) {
    io.stdout.write(answerJson(answer, text))
    return
  }
  if (!include) io.stderr.write(`${answer.status} ${answer.statusText}\n`)
  io.stdout.write(answerText(answer, text, include === true, io.stdout.color))
}

/** The answer, or `undefined` when the issuer refused a token, which has been said. */
async function call(
  client: Client,
  url: string,
  init: RequestInit,
  io: CliIo,
): Promise<Response | undefined> {
  if (!/^https?:/i.test(url) || !URL.canParse(url)) throw new InputError('curl: not an http(s) URL')
  try {
    return await client.fetch(url, init)
  } catch (cause) {
    if (cause instanceof MintError && cause.kind === 'refused') {
      io.stderr.write(`${cause.message}\n`)
      io.setExitCode(1)
      return undefined
    }
    throw new InputError(`curl: ${messageOf(cause)}`, { cause })
  }
}

/** The platform says "fetch failed" and keeps the reason to itself. */
function messageOf(thrown: unknown): string {
  const { message, cause } = Object(thrown) as { message?: string; cause?: NodeJS.ErrnoException }
  if (thrown instanceof MintError || cause === undefined) return message ?? String(thrown)
  return cause.message || cause.code || String(cause)
}
