import { readFile } from 'node:fs/promises'
import { createLocalJWKSet, type JSONWebKeySet } from 'jose'
import { errorMessage } from '../../lib/error-message.ts'
import type { Http } from '../../lib/ports/http.ts'
import type { Log } from '../../lib/ports/log.ts'
import type { Stopwatch } from '../../lib/ports/stopwatch.ts'
import { isJsonObject } from '../../lib/token/members.ts'
import { parseStrictJson } from '../../lib/token/strict-json.ts'
import { IssuerRefusal, refuse } from '../refusal.ts'

export type KeyGetter = ReturnType<typeof createLocalJWKSet>

/** Where the keys of a provider are. */
export type KeysLocation =
  | { readonly from: 'discovery'; readonly issuer: string }
  | { readonly from: 'uri'; readonly uri: string }
  | { readonly from: 'file'; readonly path: string }

interface ProviderKeysOptions {
  readonly location: KeysLocation
  readonly allowHttp: boolean
  readonly http: Http
  readonly stopwatch: Stopwatch
  readonly log: Log
}

const LIMITS = { timeoutMs: 5000, maxBytes: 512 * 1024 }
const FRESH_MS = 600_000
/** How long the last good set serves while the provider is away. */
const STALE_MS = 3_600_000
/** Between two fetches because of a key that is not in the set: anybody can invent one (W-04). */
const COOLDOWN_MS = 30_000
const RETRY_MS = 5000

/** The keys of one OIDC provider: fetched when needed, at most once at a time. */
export class ProviderKeys {
  readonly #options: ProviderKeysOptions
  #keys: KeyGetter | undefined
  #loadedAt = Number.NEGATIVE_INFINITY
  #triedAt = Number.NEGATIVE_INFINITY
  #loading: Promise<KeyGetter> | undefined

  constructor(options: ProviderKeysOptions) {
    this.#options = options
  }

  /** The keys at hand, fetched anew when they are old. Refuses `oidc_unavailable`. */
  async current(): Promise<KeyGetter> {
    const age = this.#options.stopwatch() - this.#loadedAt
    if (this.#keys !== undefined && age < FRESH_MS) return this.#keys
    try {
      return await this.#load(RETRY_MS)
    } catch (cause) {
      if (this.#keys !== undefined && age < STALE_MS) return this.#keys
      throw cause
    }
  }

  /** The keys after a fetch that `stale` was older than; `undefined` if it is too early for one. */
  async newerThan(stale: KeyGetter): Promise<KeyGetter | undefined> {
    if (this.#keys !== undefined && this.#keys !== stale) return this.#keys
    if (this.#options.stopwatch() - this.#triedAt < COOLDOWN_MS) return undefined
    return this.#load(COOLDOWN_MS)
  }

  #load(pauseMs: number): Promise<KeyGetter> {
    if (this.#loading !== undefined) return this.#loading
    const now = this.#options.stopwatch()
    if (now - this.#triedAt < pauseMs) {
      refuse('oidc_unavailable', { retryAfterSeconds: Math.ceil(pauseMs / 1000) })
    }
    this.#triedAt = now
    this.#loading = this.#fetch().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #fetch(): Promise<KeyGetter> {
    const { location, stopwatch, log } = this.#options
    try {
      const document = await this.#document(location)
      if (!isKeySet(document)) throw new TypeError('is not a JWK set')
      const keys = createLocalJWKSet(document)
      this.#keys = keys
      this.#loadedAt = stopwatch()
      return keys
    } catch (cause) {
      log.error('keys of an OIDC provider not fetched', { ...location, cause: errorMessage(cause) })
      throw new IssuerRefusal('oidc_unavailable', {
        retryAfterSeconds: Math.ceil(RETRY_MS / 1000),
        detail: errorMessage(cause),
        cause,
      })
    }
  }

  async #document(location: KeysLocation): Promise<unknown> {
    if (location.from === 'file') return parseStrictJson(await readFile(location.path))
    if (location.from === 'uri') return this.#get(location.uri)
    const { issuer } = location
    const discovered = await this.#get(
      `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
    )
    // A document that speaks for another issuer would bring that issuer's keys. OIDC Discovery, 4.3.
    if (!isJsonObject(discovered) || discovered['issuer'] !== issuer) {
      throw new TypeError('the discovery document is of another issuer')
    }
    const uri = discovered['jwks_uri']
    if (typeof uri !== 'string') throw new TypeError('the discovery document has no jwks_uri')
    return this.#get(uri)
  }

  async #get(text: string): Promise<unknown> {
    const { http, allowHttp } = this.#options
    const url = new URL(text)
    if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:')) {
      throw new TypeError('the URL is not https')
    }
    const { status, body } = await http.get(url, LIMITS)
    if (status !== 200) throw new TypeError(`answered with status ${status}`)
    return parseStrictJson(body)
  }
}

function isKeySet(value: unknown): value is JSONWebKeySet {
  return isJsonObject(value) && Array.isArray(value['keys']) && value['keys'].every(isJsonObject)
}
