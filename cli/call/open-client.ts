import { setTimeout as wait } from 'node:timers/promises'
import type { Command } from 'commander'
import { type BindingMode, systemClock } from '../../lib/index.ts'
import { type Client, clientOf } from '../../sdk/node/client.ts'
import type { ClientOptions } from '../../sdk/node/client-options.ts'
import type { Fetch } from '../../sdk/node/client-ports.ts'
import { readKey } from '../keygen/read-key.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { addClaimOptions, type ClaimOptions, fromEnv, sourceOf } from '../token/claim-options.ts'
import {
  addCredentialOptions,
  type CredentialOptions,
  readCredential,
} from '../token/credential.ts'
import { fetchWith } from './fetch-with.ts'

/** What the token is to say, and where it is minted. */
export interface MintingOptions extends ClaimOptions, CredentialOptions {
  readonly key?: string
  readonly iss?: string
  readonly issuer?: string
  readonly bindMode?: BindingMode
}

/** Adds where a token is minted and what it says. */
export function addMintingOptions(command: Command): Command {
  command
    .option('--key <file>', 'mint here with this private key; - for standard input')
    .option('--iss <issuer>', 'with --key: issuer that publishes the key')
    .addOption(fromEnv('--issuer <url>', 'mint at this issuer', 'ISSUER'))
    .addOption(fromEnv('--sub <subject>', 'who calls; needed with --key', 'SUB'))
  return addCredentialOptions(addClaimOptions(command))
}

/** The issuer of the environment gives way to a key, and is then the one that publishes it. */
export function mintingOptionsOf<T extends MintingOptions>(command: Command): T {
  const options = command.opts<T>()
  const { key, iss, issuer, ...rest } = options
  if (key === undefined || command.getOptionValueSource('issuer') !== 'env') return options
  return { ...rest, key, iss: iss ?? issuer } as T
}

/** A client with a key at hand or with an issuer. Throws `InputError` for neither and for both. */
export async function openClient(
  command: string,
  options: MintingOptions,
  io: CliIo,
  send?: Fetch,
): Promise<Client> {
  const { aud, act, sub, ttl, scope, reason, env, tenant, bindMode } = options
  const source = sourceOf(options)
  const claims = {
    audience: aud,
    action: act,
    ttlSeconds: ttl,
    binding: bindMode ?? 'off',
    ...(sub !== undefined && { subject: sub }),
    ...(scope !== undefined && { scope }),
    ...(reason !== undefined && { reason }),
    ...(env !== undefined && { env }),
    ...(tenant !== undefined && { tenant }),
    ...(source !== undefined && { source }),
  }
  return clientWith(
    command,
    { ...claims, ...(await originOf(command, options, io)) },
    send ?? (await fetchWith()),
  )
}

type Origin = Pick<ClientOptions, 'issuer' | 'key' | 'credential'>

async function originOf(command: string, options: MintingOptions, io: CliIo): Promise<Origin> {
  const { key, iss, issuer } = options
  if ((key === undefined) === (issuer === undefined)) {
    throw new InputError(`${command}: give either --key or --issuer`)
  }
  if (key !== undefined) {
    if (iss === undefined) throw new InputError(`${command}: --key needs --iss`)
    return { issuer: iss, key: await readKey(key, io) }
  }
  const credential = await readCredential(options, io)
  if (credential === undefined) {
    throw new InputError(`${command}: --issuer needs --credential-file or OATHMESH_CREDENTIAL`)
  }
  return { issuer: issuer ?? '', credential }
}

function clientWith(command: string, options: ClientOptions, send: Fetch): Client {
  try {
    return clientOf(options, {
      fetch: send,
      clock: systemClock,
      wait: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }),
    })
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new InputError(`${command}: ${cause.message}`, { cause })
  }
}
