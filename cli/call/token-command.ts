import { Command, Option } from 'commander'
import type { RequestLine } from '../../lib/index.ts'
import type { BoundRequest, Client } from '../../sdk/node/client.ts'
import { requestLineOf } from '../../sdk/node/prepared-call.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { BOUND_MODES, readBody, readRequestLine } from '../token/bound-request.ts'
import { attempt } from './failed-call.ts'
import {
  addMintingOptions,
  type MintingOptions,
  mintingOptionsOf,
  openClient,
} from './open-client.ts'

interface TokenOptions extends MintingOptions {
  readonly bind?: RequestLine
  readonly body?: string
  readonly header?: true
  readonly json?: true
}

const HELP = `
A token is good for one call. --bind ties it to the request it is for: method, path, query and body.

Examples:
  $ export OATHMESH_ISSUER=https://issuer.example.com OATHMESH_AUD=https://inventory.internal
  $ oathmesh token --credential-file secret.txt --act inventory.read
  $ curl -H "$(oathmesh token --credential-file secret.txt --act inventory.read --header)" \\
      https://gateway.example.com/items
  $ oathmesh token --credential-file secret.txt --act inventory.write \\
      --bind 'POST /v1/items?dry=1' --body @item.json

Exit codes: 0 minted, 1 the issuer refused, 2 wrong usage, or the issuer cannot be asked`

/** `oathmesh token`: one token from an issuer, for a call by other means. */
export function tokenCommand(io: CliIo): Command {
  const command = new Command('token').description('mint a token at an issuer and print it')
  return addMintingOptions(command)
    .addOption(new Option('--bind-mode <mode>', 'mode of the API').choices(BOUND_MODES))
    .option('--bind <request>', "the one request it is for: 'METHOD /path?query'", readRequestLine)
    .option('--body <data>', 'body of that request: text, @file, or - for standard input')
    .option('--header', 'print it as a header, Authorization: OathMesh <token>')
    .option('--json', 'print it as JSON')
    .addHelpText('after', HELP)
    .action((_: TokenOptions, self: Command) => token(mintingOptionsOf<TokenOptions>(self), io))
}

async function token(options: TokenOptions, io: CliIo): Promise<void> {
  const { bind, body, header, json } = options
  if (body !== undefined && bind === undefined) throw new InputError('token: --body needs --bind')
  const bindMode = options.bindMode ?? (bind === undefined ? undefined : 'strict')
  if (bindMode !== undefined && bind === undefined) {
    throw new InputError('token: --bind-mode needs --bind')
  }
  const bound = bind === undefined ? undefined : await boundRequest(bind, body, io)
  const client = await openClient(
    'token',
    { ...options, ...(bindMode !== undefined && { bindMode }) },
    io,
  )
  const authorization = await mint(client, bound, io)
  if (authorization === undefined) return
  const minted = authorization.replace(/^OathMesh /, '')
  if (json)
    io.stdout.write(`${JSON.stringify({ token: minted, token_type: 'OathMesh' }, null, 2)}\n`)
  else io.stdout.write(header ? `Authorization: ${authorization}\n` : `${minted}\n`)
}

function mint(
  client: Client,
  bound: BoundRequest | undefined,
  io: CliIo,
): Promise<string | undefined> {
  return attempt('token', io, () => client.authorization(bound))
}

async function boundRequest(
  line: RequestLine,
  body: string | undefined,
  io: CliIo,
): Promise<BoundRequest> {
  const target = line.rawQuery === '' ? line.rawPath : `${line.rawPath}?${line.rawQuery}`
  const url = `http://bound.invalid${target}`
  const { rawPath, rawQuery } = requestLineOf(line.method, url)
  // A client would send it otherwise than it is written, and the gateway would see another request.
  if (rawPath !== line.rawPath || rawQuery !== line.rawQuery) {
    throw new InputError(
      `token: --bind must be as it is sent: ${rawPath}${rawQuery && `?${rawQuery}`}`,
    )
  }
  return { method: line.method, url, body: await readBody(body, io) }
}
