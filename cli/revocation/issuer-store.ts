import { errorMessage } from '../../lib/error-message.ts'
import type { Revocation } from '../../lib/revocation/revocation-list.ts'
import type { Fetch } from '../../sdk/node/client-ports.ts'
import { issuerRoute } from '../../sdk/node/issuer-url.ts'
import { readJson } from '../../sdk/node/read-json.ts'
import { InputError } from '../terminal/input-error.ts'
import { Refused, type RevocationStore } from './revocation-store.ts'

const TIMEOUT_MS = 10_000

interface IssuerStoreOptions {
  readonly issuer: string
  readonly credential: string | undefined
  readonly fetch: Fetch
}

/** The list as an issuer keeps it, by its administrative routes. Spec 13.4. */
export class IssuerStore implements RevocationStore {
  readonly #options: IssuerStoreOptions

  constructor(options: IssuerStoreOptions) {
    this.#options = options
  }

  async revoke(subject: string): Promise<void> {
    await this.#ask('POST', '/v1/admin/revoke', { sub: subject })
  }

  async unrevoke(subject: string): Promise<void> {
    await this.#ask('DELETE', '/v1/admin/revoke', { sub: subject })
  }

  async list(): Promise<readonly Revocation[]> {
    const { revocations } = await this.#ask('GET', '/v1/revoked-subjects')
    // Upstream's issuer says null for none.
    const entries: readonly unknown[] = Array.isArray(revocations) ? revocations : []
    return entries.map((entry) => {
      const { sub, revoked_at } = Object(entry) as Record<string, unknown>
      return { subject: String(sub), revokedAt: String(revoked_at ?? '') }
    })
  }

  async close(): Promise<void> {}

  async #ask(method: string, route: string, body?: object): Promise<Record<string, unknown>> {
    const { issuer, credential } = this.#options
    const headers = new Headers({ accept: 'application/json' })
    if (credential !== undefined) headers.set('authorization', `Bearer ${credential}`)
    if (body !== undefined) headers.set('content-type', 'application/json')
    const request = new Request(urlOf(issuer, route), {
      method,
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = await this.#send(request)
    const value = Object((await readJson(answer)) ?? {}) as Record<string, unknown>
    if (answer.ok) return value
    const { error = '', message = '', fix = '' } = value
    const said = [answer.status, error, message, fix].filter((part) => part !== '').join(' ')
    if (answer.status >= 500) throw new InputError(`${issuer}: ${said}`)
    throw new Refused(`${issuer}: ${said}`)
  }

  async #send(request: Request): Promise<Response> {
    try {
      return await this.#options.fetch(request)
    } catch (cause) {
      throw new InputError(`${this.#options.issuer}: cannot be reached`, { cause })
    }
  }
}

function urlOf(issuer: string, route: string): URL {
  try {
    return issuerRoute(issuer, route, '--issuer')
  } catch (cause) {
    throw new InputError(errorMessage(cause), { cause })
  }
}
