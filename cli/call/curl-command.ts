import { writeFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { unreadable } from '../terminal/read-input.ts'
import { BOUND_MODES, readBody } from '../token/bound-request.ts'
import { collect } from '../token/claim-options.ts'
import { answerJson, answerText } from './answer.ts'
import { explainCall } from './explain-call.ts'
import { attempt } from './failed-call.ts'
import { fetchWith } from './fetch-with.ts'
import { headersOf } from './headers.ts'
import {
  addMintingOptions,
  type MintingOptions,
  mintingOptionsOf,
  openClient,
} from './open-client.ts'
import { showRequest, showResponse } from './verbose.ts'

interface CurlOptions extends MintingOptions {
  readonly request?: string
  readonly header?: readonly string[]
  readonly data?: string
  readonly include?: true
  readonly verbose?: true
  readonly output?: string
  readonly fail?: true
  readonly cacert?: string
  readonly explain?: true
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
  $ oathmesh curl --explain https://gateway.example.com/items     # the rest from the environment

Exit codes: 0 status below 400, 1 another status, or no token, 2 wrong usage, or no answer`

/** `oathmesh curl`: one call by hand, with a token minted for it. */
export function curlCommand(io: CliIo): Command {
  const command = new Command('curl')
    .description('mint a token and call an API with it')
    .argument('<url>', 'what to call')
  return addMintingOptions(command)
    .addOption(new Option('--bind-mode <mode>', 'bind the token to this call').choices(BOUND_MODES))
    .option('-X, --request <method>', 'method; default GET, or POST with --data')
    .option('-H, --header <header>', "'Name: value'; may be repeated", collect)
    .option('-d, --data <data>', 'body: text, @file, or - for standard input')
    .option('-i, --include', 'print status and headers before the body')
    .option('-v, --verbose', 'print request and headers to standard error; never the token')
    .option('-o, --output <file>', 'write the body to a file')
    .option('-f, --fail', 'print no body of a status of 400 or above')
    .option('--cacert <file>', 'certificate authorities to trust, in PEM')
    .option('--explain', 'say what the token claimed and why it was refused')
    .option('--json', 'print status, headers and body as JSON')
    .addHelpText('after', HELP)
    .action((url: string, _: CurlOptions, self: Command) =>
      curl(url, mintingOptionsOf<CurlOptions>(self), io),
    )
}

async function curl(url: string, options: CurlOptions, io: CliIo): Promise<void> {
  const { data, request, header, verbose, explain } = options
  const sources = [options.key, options.credentialFile, data]
  if (sources.filter((source) => source === '-').length > 1) {
    throw new InputError(
      'curl: only one of --key, --credential-file and --data can be standard input',
    )
  }
  if (!/^https?:/i.test(url) || !URL.canParse(url)) throw new InputError('curl: not an http(s) URL')
  let sent: Request | undefined
  const send = await fetchWith(options.cacert)
  const client = await openClient('curl', options, io, (call) => {
    sent = call
    return send(call)
  })
  const body = await readBody(data, io)
  const init = {
    method: request ?? (data === undefined ? 'GET' : 'POST'),
    headers: headersOf(header),
    ...(data !== undefined && { body }),
  }
  const answer = await attempt('curl', io, () => client.fetch(url, init))
  if (answer === undefined) return
  if (verbose && sent !== undefined) showRequest(sent, io)
  if (verbose) showResponse(answer, io)
  const text = Buffer.from(await answer.arrayBuffer())
  if (explain && sent !== undefined) explainCall(sent, answer, text.toString('utf8'), io)
  await print(answer, text, options, io)
}

async function print(
  answer: Response,
  body: Buffer,
  { include, verbose, output, fail, json }: CurlOptions,
  io: CliIo,
): Promise<void> {
  const failed = answer.status >= 400
  if (failed) io.setExitCode(1)
  if (json) return void io.stdout.write(answerJson(answer, body.toString('utf8')))
  if (!include && !verbose) io.stderr.write(`${answer.status} ${answer.statusText}\n`)
  if (failed && fail) return
  if (output === undefined) {
    const { color } = io.stdout
    io.stdout.write(answerText(answer, body.toString('utf8'), include === true, color))
    return
  }
  try {
    await writeFile(output, body)
  } catch (cause) {
    throw unreadable(output, cause)
  }
}
