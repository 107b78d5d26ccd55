import { isJsonObject } from '../../lib/token/members.ts'
import type { ClientPorts } from './client-ports.ts'
import { type Credential, checkCredential } from './credential.ts'
import { MintError } from './mint-error.ts'
import { readJson } from './read-json.ts'

/** What GitHub gives a job with `permissions: id-token: write`. */
export interface GithubActionsEnv {
  readonly ACTIONS_ID_TOKEN_REQUEST_URL?: string | undefined
  readonly ACTIONS_ID_TOKEN_REQUEST_TOKEN?: string | undefined
}

const TIMEOUT_MS = 10_000

/**
 * The identity of a GitHub Actions job as a credential: an OIDC token for the issuer, fetched anew each
 * time because it lives for minutes. `audience` is the one the issuer expects, usually its own URL.
 * Throws `TypeError` outside of such a job; the credential rejects with `MintError`.
 */
export function githubActionsCredential(
  audience: string,
  env: GithubActionsEnv,
  { fetch }: Pick<ClientPorts, 'fetch'>,
): Credential {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: token } = env
  if (!url || !token) {
    throw new TypeError('not a GitHub Actions job with "permissions: id-token: write"')
  }
  if (!URL.canParse(url)) throw new TypeError('ACTIONS_ID_TOKEN_REQUEST_URL: is not a URL')
  const secret = checkCredential(token, 'ACTIONS_ID_TOKEN_REQUEST_TOKEN')
  const target = new URL(url)
  target.searchParams.set('audience', audience)
  return async () => {
    const value = await ask(fetch, target, secret)
    const identity = isJsonObject(value) ? value['value'] : undefined
    if (typeof identity === 'string' && identity !== '') return identity
    throw new MintError('unavailable', 'GitHub gave no identity token')
  }
}

async function ask(fetch: ClientPorts['fetch'], url: URL, token: string): Promise<unknown> {
  const request = new Request(url, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  try {
    const answer = await fetch(request)
    return answer.ok ? await readJson(answer) : undefined
  } catch (cause) {
    throw new MintError('unavailable', 'GitHub gave no identity token', { cause })
  }
}
