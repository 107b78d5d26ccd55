import { isJsonObject, type JsonObject } from '../../lib/token/members.ts'
import type { ClientPorts } from './client-ports.ts'
import { type Credential, checkCredential } from './credential.ts'
import { issuerRoute } from './issuer-url.ts'
import { MintError } from './mint-error.ts'
import { type Patience, patiently } from './patience.ts'
import { readJson } from './read-json.ts'
import type { MintedToken, TokenRequest, TokenSource } from './token-source.ts'

interface IssuerSourceOptions {
  readonly issuer: string
  readonly credential: Credential
  readonly patience: Patience
  /** Bound on one attempt. */
  readonly timeoutMs: number
  readonly ports: ClientPorts
}

/** Fetches tokens from an issuer's `POST /v1/token`. Spec 13.2. */
export class IssuerSource implements TokenSource {
  readonly #options: IssuerSourceOptions
  readonly #url: URL

  /** Throws `TypeError` for an issuer that must not be sent a credential. */
  constructor(options: IssuerSourceOptions) {
    this.#options = options
    this.#url = issuerRoute(options.issuer, '/v1/token')
  }

  async mint(request: TokenRequest, signal?: AbortSignal): Promise<MintedToken> {
    const { ports, patience } = this.#options
    const authorization = `Bearer ${checkCredential(await this.#options.credential())}`
    const body = JSON.stringify(bodyOf(request))
    const answer = await patiently({
      patience,
      wait: ports.wait,
      signal,
      send: () => this.#send(authorization, body, signal),
      // Minting twice costs an unused token.
      mayRepeat: ({ status }) => status === 503 || status === 429,
    })
    return this.#read(answer, request, await readJson(answer))
  }

  async #send(authorization: string, body: string, signal?: AbortSignal): Promise<Response> {
    const { ports, timeoutMs } = this.#options
    const limit = AbortSignal.timeout(timeoutMs)
    const request = new Request(this.#url, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', accept: 'application/json' },
      body,
      // A redirect would carry the credential to wherever it points.
      redirect: 'error',
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    })
    try {
      return await ports.fetch(request)
    } catch (cause) {
      if (signal?.aborted) throw signal.reason
      const why = limit.aborted ? `no answer within ${timeoutMs} ms` : 'it cannot be reached'
      throw new MintError('unavailable', `the issuer gave no token: ${why}`, { cause })
    }
  }

  #read({ ok, status }: Response, { ttlSeconds }: TokenRequest, value: unknown): MintedToken {
    const answer = isJsonObject(value) ? value : {}
    const { token, expires_in } = answer
    if (!ok) throw refusal(status, answer)
    // Headers quote what they cannot carry, and with it the token.
    if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
      throw new MintError('unavailable', 'the issuer gave no token: its answer has none', {
        status,
      })
    }
    const seconds = typeof expires_in === 'number' ? expires_in : ttlSeconds
    return { token, expiresAt: this.#options.ports.clock.now() + seconds * 1000 }
  }
}

function bodyOf(request: TokenRequest): object {
  const { subject, audience, action, ttlSeconds, scope, reason, env, tenant } = request
  // JSON leaves out what is undefined.
  return {
    sub: subject,
    aud: audience,
    act: action,
    ttl_hint: ttlSeconds,
    scope,
    reason,
    env,
    tenant,
    src: request.source,
    rqh: request.requestHash,
  }
}

function refusal(status: number, { error, message, fix }: JsonObject): MintError {
  const kind = status >= 500 || status === 429 ? 'unavailable' : 'refused'
  const code = typeof error === 'string' ? error : undefined
  const said = [message, fix].filter((text) => typeof text === 'string').join(' ')
  const text = `the issuer gave no token: ${status}${code ? ` ${code}` : ''}${said ? `: ${said}` : ''}`
  return new MintError(kind, text, { status, ...(code !== undefined && { code }) })
}
