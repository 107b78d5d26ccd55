import { errorMessage } from '../error-message.ts'
import { type JwkSet, parseJwkSet, readJwkSet } from './jwk-set.ts'
import type { KeySet, KeySetStats } from './key-set.ts'
import type { TrustedIssuer } from './key-settings.ts'
import type { KeyLookup } from './key-source.ts'

const UNKNOWN: KeyLookup = { found: 'unknown_kid' }

/** Keys that stand in the configuration. Nothing is fetched and nothing expires. */
export class InlineKeySet implements KeySet {
  readonly #issuer: string
  readonly #set: JwkSet

  /**
   * `issuer.jwks` is a JWK set, or its JSON text. Throws `TypeError` that names `{field}.jwks` when
   * any entry cannot be used: the operator wrote it, and can mend it now.
   */
  constructor({ issuer, jwks }: TrustedIssuer, field = 'issuers[]') {
    this.#issuer = issuer
    this.#set = readInline(jwks, `${field}.jwks`)
  }

  find(kid: string): KeyLookup {
    return this.#set.keys.get(kid) ?? UNKNOWN
  }

  async prewarm(): Promise<void> {}

  purge(): void {}

  stats(): KeySetStats {
    const { keys, dropped } = this.#set
    return {
      issuer: this.#issuer,
      source: 'inline',
      state: 'fresh',
      fetches: 0,
      failures: 0,
      keys: keys.size,
      droppedKeys: dropped.length,
      everFetched: true,
      misses: 0,
    }
  }
}

function readInline(jwks: unknown, field: string): JwkSet {
  let set: JwkSet
  try {
    set = typeof jwks === 'string' ? parseJwkSet(jwks) : readJwkSet(jwks)
  } catch (fault) {
    throw new TypeError(`${field}: ${errorMessage(fault)}`)
  }
  const [firstDropped] = set.dropped
  if (firstDropped !== undefined) throw new TypeError(`${field}: ${firstDropped}`)
  if (set.keys.size === 0) throw new TypeError(`${field}: has no key`)
  return set
}
