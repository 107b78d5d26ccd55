import { compactVerify, errors } from 'jose'
import { refuse } from '../refusal.ts'
import type { IdentityToken } from './identity-token.ts'
import type { ProviderCheck } from './provider-check.ts'
import type { KeyGetter, ProviderKeys } from './provider-keys.ts'

/** The signature is by a key that the provider publishes, fetched anew for one that is not known. */
export class SignatureCheck implements ProviderCheck {
  readonly name = 'signature'
  readonly #keys: ProviderKeys
  readonly #algorithms: readonly string[]

  constructor(keys: ProviderKeys, algorithms: readonly string[]) {
    this.#keys = keys
    this.#algorithms = algorithms
  }

  /** Refuses `oidc_key`, `oidc_signature`, `oidc_algorithm`, `oidc_malformed`, `oidc_unavailable`. */
  readonly run = async ({ text, header: { kid } }: IdentityToken): Promise<string> => {
    const found = `verifies with the key ${JSON.stringify(kid ?? 'without an id')}`
    const keys = await this.#keys.current()
    if (await this.#verifiesWith(text, keys)) return found
    const newer = await this.#keys.newerThan(keys)
    if (newer !== undefined && (await this.#verifiesWith(text, newer))) return found
    refuse('oidc_key', { detail: `the provider publishes no key ${JSON.stringify(kid ?? '')}` })
  }

  /** Whether a key of this set fits; the signature is then good. */
  async #verifiesWith(token: string, keys: KeyGetter): Promise<boolean> {
    try {
      await compactVerify(token, keys, { algorithms: [...this.#algorithms] })
      return true
    } catch (cause) {
      if (cause instanceof errors.JWKSNoMatchingKey) return false
      if (cause instanceof errors.JWKSMultipleMatchingKeys) return false
      if (cause instanceof errors.JOSEAlgNotAllowed) refuse('oidc_algorithm', { cause })
      if (cause instanceof errors.JWSInvalid) refuse('oidc_malformed', { cause })
      refuse('oidc_signature', { cause })
    }
  }
}
