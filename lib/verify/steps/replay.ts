import { deny, type Reason } from '../../denial.ts'
import type { UseOutcome } from '../../replay/replay-store.ts'
import type { Step } from '../step.ts'

const REFUSED: Readonly<Partial<Record<UseOutcome, Reason>>> = {
  seen: 'jti_replay',
  history_unknown: 'replay_history_unknown',
  full: 'replay_store_full',
  unavailable: 'replay_store_unavailable',
}

/**
 * Step 13, second half: the token has not been used before. What the store could not find out is a
 * refusal of its own and never reported as a replay (W-06).
 * Denies `replay_detected`; `verification_failed` with 401 or 503. Spec 7.
 */
export const replay: Step = {
  label: 13,
  name: 'replay',
  run(attempt) {
    const use = attempt.found('use')
    if (use === 'fresh' || use === 'known_good') return
    deny(REFUSED[use] ?? 'internal_error')
  },
}
