import type { FallibleStore, Finding } from './fallible-store.ts'
import type { KnownGood } from './known-good.ts'
import type { ReplayStore, TokenUse, UseOutcome } from './replay-store.ts'

interface GuardedReplayStoreOptions {
  readonly store: FallibleStore
  readonly knownGood: KnownGood
  /** For how long a verified token survives an outage; 0 for not at all. */
  readonly knownGoodSeconds: number
  readonly onDegraded?: (outcome: 'known_good' | 'unavailable') => void
}

/**
 * A store that may be away. A failed claim is a refusal, however many fail: whoever holds a used token
 * could else have it pass by presenting it while the store is slow. Only while the store is **known** to
 * be away is a token that this process verified a moment ago `known_good`, unless its subject is known
 * to be revoked; every other token stays `unavailable`.
 *
 * There is no circuit breaker: one that counts calls is opened by callers, and one that is open keeps
 * from asking a store that answers again.
 */
export class GuardedReplayStore implements ReplayStore {
  readonly #options: GuardedReplayStoreOptions

  constructor(options: GuardedReplayStoreOptions) {
    this.#options = options
  }

  async claim(use: TokenUse, now: number): Promise<UseOutcome> {
    const { store, knownGood } = this.#options
    const settling = store.settling(use)
    if (settling !== undefined) await settling
    if (store.isAway(use)) return this.#withoutStore(use)
    const outcome = await store.claim(use, now, (finding) => this.#learn(use, finding))
    // Fresh twice: the store has lost a record, evicted perhaps, that this process remembers.
    if (outcome === 'fresh') return knownGood.add(use) ? 'fresh' : 'seen'
    if (outcome === 'unanswered') {
      store.seek(use)
      await store.settling(use)
      if (store.isAway(use)) return this.#withoutStore(use)
    }
    return outcome === 'refused' || outcome === 'unanswered'
      ? this.#degraded('unavailable')
      : outcome
  }

  async #withoutStore(use: TokenUse): Promise<UseOutcome> {
    const { store, knownGood, knownGoodSeconds } = this.#options
    store.seek(use)
    if (!knownGood.has(use, knownGoodSeconds)) return this.#degraded('unavailable')
    const isRevoked = await store.isRevoked(use)
    if (isRevoked === true) return 'revoked'
    // Asked again: the answer may have taken its time.
    const passes = isRevoked === false && store.isAway(use) && knownGood.has(use, knownGoodSeconds)
    return this.#degraded(passes ? 'known_good' : 'unavailable')
  }

  /** The call was refused for want of an answer; now that it has come, it is not to be forgotten. */
  #learn(use: TokenUse, finding: Finding): void {
    if (finding === 'seen' || finding === 'history_unknown') this.#options.knownGood.strike(use)
  }

  #degraded(outcome: 'known_good' | 'unavailable'): UseOutcome {
    this.#options.onDegraded?.(outcome)
    return outcome
  }
}
