import type { TokenUse } from './replay-store.ts'

/** What a store that answers says of a use; as in `UseOutcome`. */
export type Finding = 'fresh' | 'seen' | 'revoked' | 'history_unknown'

/** A store that other machines keep, which may refuse, be late, or be away. */
export interface FallibleStore {
  /**
   * `refused`: the store has said that it will not. `unanswered`: nothing was heard in time, or at all;
   * what is heard later is told to `onLate`. Never rejects.
   */
  claim(
    use: TokenUse,
    now: number,
    onLate: (finding: Finding) => void,
  ): Promise<Finding | 'refused' | 'unanswered'>
  /** Whether the store of this use is known to be away, whatever became of single claims. */
  isAway(use: TokenUse): boolean
  /** Pending for the moment in which that is being found out, and no longer than a claim may take. */
  settling(use: TokenUse): Promise<void> | undefined
  /** Has a store that cannot be asked looked for. */
  seek(use: TokenUse): void
  /** Whether the subject is revoked, by the best knowledge there is while the store is away. */
  isRevoked(use: TokenUse): Promise<boolean | 'unknown'>
}
