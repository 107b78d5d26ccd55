import type { PublicJwk } from '../../lib/token/signing-key.ts'
import type { IssuerKey } from './issuer-key.ts'

/** The longest life of a token and the largest leeway a verifier may grant, in seconds. Spec 4. */
const MAX_TTL_SECONDS = 300
const MAX_LEEWAY_SECONDS = 60

/** What a key is for at one moment. */
export type KeyState = 'pending' | 'signing' | 'retiring' | 'retired'

/**
 * Which key signs and which are published, as a function of the keys and the time and nothing else: all
 * replicas with the same files and a clock agree, before and after a restart (W-34).
 *
 * A key is published as soon as it is there, signs from its activation until that of its successor,
 * and stays published for as long after that as a token it signed may be accepted or its absence be
 * remembered: the longest life, the largest leeway and the life of a fetched JWK set.
 */
export class KeySchedule {
  readonly #keys: readonly IssuerKey[]
  readonly #retentionSeconds: number

  constructor(keys: readonly IssuerKey[], jwksTtlSeconds: number) {
    // Two activations in one second: the names decide, so that replicas do not differ.
    this.#keys = keys.toSorted((a, b) => a.activeAt - b.activeAt || (a.kid < b.kid ? -1 : 1))
    this.#retentionSeconds = MAX_TTL_SECONDS + MAX_LEEWAY_SECONDS + jwksTtlSeconds
  }

  /** The key that signs at this Unix second; `undefined` while none is active. */
  signing(now: number): IssuerKey | undefined {
    return this.#keys.findLast(({ activeAt }) => activeAt <= now)
  }

  published(now: number): readonly PublicJwk[] {
    return this.states(now).flatMap(({ key, state }) => (state === 'retired' ? [] : [key.jwk]))
  }

  /** Every key in order of activation. `publishedUntil` is known once there is a successor. */
  states(now: number): readonly ScheduledKey[] {
    const signing = this.signing(now)
    return this.#keys.map((key, at) => {
      const successor = this.#keys[at + 1]
      const state = key === signing ? 'signing' : key.activeAt > now ? 'pending' : 'retiring'
      if (successor === undefined) return { key, state }
      const publishedUntil = successor.activeAt + this.#retentionSeconds
      return { key, state: publishedUntil <= now ? 'retired' : state, publishedUntil }
    })
  }
}

export interface ScheduledKey {
  readonly key: IssuerKey
  readonly state: KeyState
  /** Unix seconds. */
  readonly publishedUntil?: number
}
