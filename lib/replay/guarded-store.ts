import type { RevokedSubjects } from '../revocation/revoked-subjects.ts'
import type { Breaker } from './breaker.ts'
import type { KnownGood } from './known-good.ts'
import type { ReplayStore, TokenUse, UseOutcome } from './replay-store.ts'

interface GuardedReplayStoreOptions {
  /** Says `unavailable` where it fails. */
  readonly store: ReplayStore
  readonly breaker: Breaker
  readonly knownGood: KnownGood
  /** For how long a verified token survives an outage; 0 for not at all. */
  readonly knownGoodSeconds: number
  readonly revoked?: RevokedSubjects
  readonly onDegraded?: (outcome: 'known_good' | 'unavailable') => void
}

/**
 * A store that may be away. While it is, a token that this process verified a moment ago is
 * `known_good`, unless its subject is known to be revoked; every other token stays `unavailable`.
 */
export class GuardedReplayStore implements ReplayStore {
  readonly #options: GuardedReplayStoreOptions

  constructor(options: GuardedReplayStoreOptions) {
    this.#options = options
  }

  async claim(use: TokenUse, now: number): Promise<UseOutcome> {
    const { breaker, knownGood } = this.#options
    const admission = breaker.admit()
    if (admission === undefined) return this.#withoutStore(use, now)
    let outcome: UseOutcome = 'unavailable'
    try {
      outcome = await this.#options.store.claim(use, now)
    } finally {
      admission.settle(outcome !== 'unavailable')
    }
    if (outcome === 'unavailable') return this.#withoutStore(use, now)
    // Fresh twice: the store has lost a record, evicted perhaps, that this process remembers.
    if (outcome === 'fresh' && !knownGood.add(use, now)) return 'seen'
    return outcome
  }

  #withoutStore(use: TokenUse, now: number): UseOutcome {
    const { knownGood, knownGoodSeconds, revoked, onDegraded } = this.#options
    if (revoked?.has(use.subject, now)) return 'revoked'
    const outcome = knownGood.has(use, now, knownGoodSeconds) ? 'known_good' : 'unavailable'
    onDegraded?.(outcome)
    return outcome
  }
}
