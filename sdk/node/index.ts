import { setTimeout as wait } from 'node:timers/promises'
import { systemClock } from '../../lib/ports/clock.ts'
// Not by way of lib/index.ts: a client has no use for Redis or policies, and its bundle must not carry them.
import { type Client, clientOf } from './client.ts'
import type { ClientOptions as CoreOptions } from './client-options.ts'
import type { ClientPorts, Fetch } from './client-ports.ts'
import type { Credential } from './credential.ts'
import { type GithubActionsEnv, githubActionsCredential } from './github-actions.ts'

export { type BoundMode, requestHash } from '../../lib/binding/request-hash.ts'
export { type PublicJwk, publicJwk, readSigningKey } from '../../lib/token/signing-key.ts'
export type { BoundRequest, Client } from './client.ts'
export type { Credential } from './credential.ts'
export { MintError } from './mint-error.ts'
export { RefusedError, type WantedToken } from './refused-error.ts'

/** What a client mints and how it calls. */
export interface ClientOptions extends CoreOptions {
  /** Sends requests, to the issuer as well; default the global `fetch`. */
  readonly fetch?: Fetch
}

/** Makes a client. Throws `TypeError` that names the option at fault; asks nothing of anybody yet. */
export function createClient({ fetch, ...options }: ClientOptions): Client {
  return clientOf(options, portsWith(fetch))
}

/**
 * The identity of a GitHub Actions job as a credential. `audience` is the one the issuer expects,
 * usually its own URL. Throws `TypeError` outside of a job with `permissions: id-token: write`.
 */
export function githubActions(
  audience: string,
  { env = process.env, fetch }: { readonly env?: GithubActionsEnv; readonly fetch?: Fetch } = {},
): Credential {
  return githubActionsCredential(audience, env, portsWith(fetch))
}

function portsWith(fetch: Fetch = (request) => globalThis.fetch(request)): ClientPorts {
  return {
    fetch,
    clock: systemClock,
    wait: async (ms, signal) => {
      await wait(ms, undefined, { ...(signal !== undefined && { signal }) })
    },
  }
}
