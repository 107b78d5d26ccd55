import type { Clock } from '../lib/ports/clock.ts'
import { Attempt } from './attempt.ts'
import type { StaticClients } from './clients/static-clients.ts'
import type { MintCaller } from './mint-caller.ts'
import { readIdentityToken } from './oidc/identity-token.ts'
import type { OidcProvider } from './oidc/oidc-provider.ts'
import { peerKey } from './peer-key.ts'
import type { RateLimit } from './rate-limit.ts'
import { IssuerRefusal, refuse } from './refusal.ts'

interface AuthenticatorOptions {
  readonly clients: StaticClients
  /** By their `iss`. */
  readonly providers: ReadonlyMap<string, OidcProvider>
  /** Failed attempts, by `peerKey`. */
  readonly attempts: RateLimit
  readonly clock: Clock
}

const SCHEME = /^([A-Za-z]+) +([!-~]+)$/
/** Between name and secret of a client in a bearer credential. No JWT and no name has one. */
const SEPARATOR = '~'
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/**
 * Finds out who calls: a workload by its identity token, or a static client by its secret, sent as Basic
 * or as bearer `name~secret` (W-29). Every failure costs its peer, known by the address of the socket,
 * one attempt; whoever has none left is refused `rate_limited`. A caller who is right gets in all the
 * same, unless its secret has yet to be checked the slow way: that is paid for beforehand, and given
 * back to whoever was right.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions

  constructor(options: AuthenticatorOptions) {
    this.#options = options
  }

  /** Of a request with these `Authorization` values. Refuses `credentials_*`, `oidc_*`, `rate_limited`. */
  header(values: readonly string[], peer: string): Promise<MintCaller> {
    return this.#counted(peer, (attempt) => {
      const [value] = values
      if (value === undefined) refuse('credentials_missing')
      const [, scheme = '', credentials = ''] = SCHEME.exec(value) ?? []
      if (values.length > 1) refuse('credentials_malformed')
      if (scheme.toLowerCase() === 'basic') return this.#client(decodeBasic(credentials), attempt)
      if (scheme.toLowerCase() !== 'bearer') refuse('credentials_malformed')
      const isSecret = credentials.includes(SEPARATOR)
      return isSecret ? this.#client(credentials, attempt) : this.#workload(credentials)
    })
  }

  /** Of a workload whose identity token came in the body. */
  identityToken(text: string, peer: string): Promise<MintCaller> {
    return this.#counted(peer, () => this.#workload(text))
  }

  async #workload(text: string): Promise<MintCaller> {
    const token = readIdentityToken(text)
    const { iss } = token.claims
    const provider = typeof iss === 'string' ? this.#options.providers.get(iss) : undefined
    if (provider === undefined) refuse('oidc_issuer')
    return provider.authenticate(token, this.#options.clock.now() / 1000)
  }

  /** `credentials` is name, separator, secret. */
  async #client(credentials: string, attempt: Attempt): Promise<MintCaller> {
    const { clients } = this.#options
    const at = credentials.indexOf(SEPARATOR)
    const [name, secret] = [credentials.slice(0, at), credentials.slice(at + 1)]
    const known = clients.recall(name, secret)
    if (known !== undefined) return known
    // The hash is slow on purpose: nobody gets it computed without having paid for it.
    const found = await clients.check(name, secret, () => attempt.pay())
    // Who gives the two the wrong way round would have the secret in the audit.
    const detail = clients.knows(name) ? name : 'a name that no client has'
    return found ?? refuse('credentials_wrong', { detail })
  }

  async #counted(
    peer: string,
    find: (attempt: Attempt) => Promise<MintCaller>,
  ): Promise<MintCaller> {
    const attempt = new Attempt(this.#options.attempts, peerKey(peer))
    try {
      const caller = await find(attempt)
      attempt.refund()
      return caller
    } catch (cause) {
      // What is our trouble, or a provider's, does not count against the peer.
      if (!(cause instanceof IssuerRefusal) || cause.answer.status >= 500) attempt.refund()
      else if (cause.reason !== 'rate_limited') attempt.pay(cause)
      throw cause
    }
  }
}

/** RFC 7617, 2: the name ends at the first colon. */
function decodeBasic(credentials: string): string {
  if (!BASE64.test(credentials)) refuse('credentials_malformed')
  const text = Buffer.from(credentials, 'base64').toString()
  if (!/^[^:~]+:/.test(text)) refuse('credentials_malformed')
  return text.replace(':', SEPARATOR)
}
