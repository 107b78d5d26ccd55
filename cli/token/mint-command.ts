import { randomUUID } from 'node:crypto'
import { Command, InvalidArgumentError, Option } from 'commander'
import { type BoundMode, requestHash } from '../../lib/binding/request-hash.ts'
import { type Claims, type RequestLine, systemClock } from '../../lib/index.ts'
import { mint } from '../../lib/token/mint.ts'
import { isSubject } from '../../lib/token/subject.ts'
import { readKey } from '../keygen/read-key.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { addBindOptions, readBody, readRequestLine } from './bound-request.ts'
import { addClaimOptions, type ClaimOptions, fromEnv, sourceOf } from './claim-options.ts'
import { readClaimTime } from './instant.ts'

interface MintOptions extends ClaimOptions {
  readonly key: string
  readonly kid?: string
  readonly iss: string
  readonly sub: string
  readonly delegatedBy?: string
  readonly jti?: string
  readonly iat?: number
  readonly nbf?: number
  readonly rqh?: string
  readonly bind?: RequestLine
  readonly bindMode: BoundMode
  readonly body?: string
  readonly json?: true
}

const HELP = `
A token is good for one call. --bind ties it to the request it is for: method, path, query and body.

Examples:
  $ oathmesh mint --key issuer.pem --iss https://issuer.example.com --sub svc://shop/cart \\
      --aud https://inventory.internal --act inventory.read
  $ oathmesh mint --key issuer.pem --iss https://issuer.example.com --sub svc://shop/cart \\
      --aud https://inventory.internal --act inventory.write \\
      --bind 'POST /v1/items?dry=1' --body @item.json

Exit codes: 0 minted, 2 wrong usage or unreadable file`

/** `oathmesh mint`: signs one token with a key at hand. */
export function mintCommand(io: CliIo): Command {
  const command = new Command('mint')
    .description('sign one token with a key file, offline')
    .requiredOption('--key <file>', 'private key in PEM; - for standard input')
    .option('--kid <id>', 'key id, where it is not the thumbprint of the key')
    .addOption(
      fromEnv('--iss <issuer>', 'issuer that publishes the key', 'ISSUER').makeOptionMandatory(),
    )
    .addOption(
      fromEnv('--sub <subject>', 'who calls: svc://shop/cart', 'SUB').makeOptionMandatory(),
    )
    .addOption(new Option('--issuer <url>').hideHelp().argParser(otherCommand))
  addClaimOptions(command)
    .option('--delegated-by <user>', 'human on whose behalf, such as user://alice')
    .option('--jti <id>', 'id of the token; default a new UUID')
    .option('--iat <time>', 'issued at; default now', readClaimTime)
    .option('--nbf <time>', 'not before', readClaimTime)
    .addOption(new Option('--rqh <hash>', 'request hash computed elsewhere').conflicts('bind'))
    .option('--bind <request>', "the one request it is for: 'METHOD /path?query'", readRequestLine)
  return addBindOptions(command)
    .option('--json', 'print token, lifetime, key id and claims as JSON')
    .addHelpText('after', HELP)
    .action((options: MintOptions) => run(options, io))
}

function otherCommand(): never {
  throw new InvalidArgumentError(
    'mint signs with a key file, offline; "oathmesh token --issuer <url>" mints at an issuer.',
  )
}

async function run(options: MintOptions, io: CliIo): Promise<void> {
  const { sub, bind, body, json } = options
  if (!isSubject(sub)) {
    throw new InputError(
      'mint: --sub must be agent://, svc://, job://, tool:// or user:// and A–Z a–z 0–9 / _ . -',
    )
  }
  if (options.key === '-' && body === '-') {
    throw new InputError('mint: --key and --body cannot both be standard input')
  }
  if (body !== undefined && bind === undefined) throw new InputError('mint: --body needs --bind')
  const key = await readKey(options.key, io, options.kid)
  const claims = claimsOf(options, await hashOf(options, io))
  const token = mint(claims, key)
  const { ttl } = options
  const details = { token, expires_in: ttl, token_type: 'OathMesh', kid: key.kid, claims }
  io.stdout.write(json ? `${JSON.stringify(details, null, 2)}\n` : `${token}\n`)
}

async function hashOf(options: MintOptions, io: CliIo): Promise<string | undefined> {
  const { bind, bindMode, body, rqh } = options
  return bind === undefined ? rqh : requestHash(bindMode, bind, await readBody(body, io))
}

function claimsOf(options: MintOptions, rqh: string | undefined): Claims {
  const { iss, sub, aud, act, ttl, nbf, scope, reason, env, tenant, delegatedBy } = options
  const iat = options.iat ?? Math.floor(systemClock.now() / 1000)
  const src = sourceOf(options)
  return {
    iss,
    sub,
    aud,
    act,
    iat,
    exp: iat + ttl,
    jti: options.jti ?? randomUUID(),
    ...(nbf !== undefined && { nbf }),
    ...(scope !== undefined && { scope }),
    ...(reason !== undefined && { reason }),
    ...(src !== undefined && { src }),
    ...(delegatedBy !== undefined && { delegated_by: delegatedBy }),
    ...(env !== undefined && { env }),
    ...(tenant !== undefined && { tenant }),
    ...(rqh !== undefined && { rqh }),
  }
}
