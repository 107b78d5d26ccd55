import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../ports/clock.ts'
import { type Http, NodeHttp } from '../ports/http.ts'
import type { Log } from '../ports/log.ts'
import type { ProxyFor } from '../ports/proxy.ts'
import { type Random, systemRandom } from '../ports/random.ts'
import { readCaFile } from './ca-file.ts'
import { InlineKeySet } from './inline-key-set.ts'
import { jwksUrlOf } from './jwks-url.ts'
import type { KeySet, KeySetStats, OnFetch } from './key-set.ts'
import type { KeySettings, TrustedIssuer } from './key-settings.ts'
import { type Later, unrefTimer } from './later.ts'
import { RemoteKeySet } from './remote-key-set.ts'

/** What key sets are made with. Only tests replace `http` and the last two. */
export interface KeyPorts {
  readonly clock: Clock
  readonly log: Log
  readonly http?: Http
  /** How fetched sets are reached; directly, where absent. */
  readonly proxyFor?: ProxyFor
  readonly random?: Random
  readonly later?: Later
}

interface KeySetPoolOptions extends KeyPorts {
  /** Bound on key sets, of which each holds one document. */
  readonly maxSets: number
  readonly onFetch?: OnFetch
}

/**
 * One key set for each distinct (issuer, `jwksUri`, `jwks`, settings, authorities), shared by all
 * who ask for it. A set that is pushed out goes on serving those who hold it.
 */
export class KeySetPool {
  readonly #ports: Required<Omit<KeyPorts, 'http' | 'proxyFor'>>
  readonly #onFetch: OnFetch | undefined
  readonly #http: Http | undefined
  readonly #proxyFor: ProxyFor | undefined
  readonly #sets: LRUCache<string, KeySet>
  readonly #clients: LRUCache<string, Http>

  constructor(options: KeySetPoolOptions) {
    const { maxSets, clock, log, http, proxyFor, random, later } = options
    this.#onFetch = options.onFetch
    this.#proxyFor = proxyFor
    this.#ports = { clock, log, random: random ?? systemRandom, later: later ?? unrefTimer }
    this.#http = http
    this.#sets = new LRUCache({ max: maxSets })
    this.#clients = new LRUCache({ max: maxSets })
  }

  /**
   * The key set of an issuer; opens nothing. Throws `TypeError` that names the field, below `field`
   * or `keys`, for a URL, inline set or file that cannot be used.
   */
  keySet(trusted: TrustedIssuer, settings: KeySettings, field = 'issuers[]'): KeySet {
    const ca = settings.caFile === undefined ? undefined : readCaFile(settings.caFile)
    const id = digest([trusted.issuer, trusted.jwksUri, trusted.jwks, settings, ca])
    const known = this.#sets.get(id)
    if (known !== undefined) return known
    const set =
      trusted.jwks === undefined
        ? new RemoteKeySet({
            ...this.#ports,
            http: this.#http ?? this.#client(ca),
            issuer: trusted.issuer,
            url: jwksUrlOf(trusted, settings, field),
            settings,
            onFetch: this.#onFetch,
          })
        : new InlineKeySet(trusted, field)
    this.#sets.set(id, set)
    return set
  }

  /** Of every key set that somebody has asked for. */
  stats(): readonly KeySetStats[] {
    return Array.from(this.#sets.values(), (set) => set.stats())
  }

  /** Purges every key set, as `KeyCache.purge` does its own. */
  purge(): void {
    for (const set of this.#sets.values()) set.purge()
  }

  /** One set of connections for each bundle of authorities. */
  #client(ca = ''): Http {
    const known = this.#clients.get(ca)
    if (known !== undefined) return known
    const client = new NodeHttp({ ca: ca === '' ? undefined : ca, proxyFor: this.#proxyFor })
    this.#clients.set(ca, client)
    return client
  }
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url')
}
