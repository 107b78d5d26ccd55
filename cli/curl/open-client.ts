import { setTimeout as wait } from 'node:timers/promises'
import { type BindingMode, systemClock } from '../../lib/index.ts'
import { type Client, clientOf } from '../../sdk/node/client.ts'
import type { ClientOptions } from '../../sdk/node/client-options.ts'
import { readKey } from '../keygen/read-key.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { type ClaimOptions, sourceOf } from '../token/claim-options.ts'
import { type CredentialOptions, readCredential } from '../token/credential.ts'

/** What the token is to say, and where it is minted. */
export interface MintingOptions extends ClaimOptions, CredentialOptions {
  readonly key?: string
  readonly iss?: string
  readonly issuer?: string
  readonly bindMode?: BindingMode
}

/** A client with a key at hand or with an issuer. Throws `InputError` for neither and for both. */
export async function openClient(options: MintingOptions, io: CliIo): Promise<Client> {
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
  return clientWith({ ...claims, ...(await originOf(options, io)) })
}

type Origin = Pick<ClientOptions, 'issuer' | 'key' | 'credential'>

async function originOf(options: MintingOptions, io: CliIo): Promise<Origin> {
  const { key, iss, issuer } = options
  if ((key === undefined) === (issuer === undefined)) {
    throw new InputError('curl: give either --key or --issuer')
  }
  if (key !== undefined) {
    if (iss === undefined) throw new InputError('curl: --key needs --iss')
    return { issuer: iss, key: await readKey(key, io) }
  }
  const credential = await readCredential(options, io)
  if (credential === undefined) {
    throw new InputError('curl: --issuer needs --credential-file or OATHMESH_CREDENTIAL')
  }
  return { issuer: issuer ?? '', credential }
}

function clientWith(options: ClientOptions): Client {
  try {
    return clientOf(options, {
      fetch: (request) => fetch(request),
      clock: systemClock,
      wait: (ms, signal) => wait(ms, undefined, signal === undefined ? {} : { signal }),
    })
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new InputError(`curl: ${cause.message}`, { cause })
  }
}
