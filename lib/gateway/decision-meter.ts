import { Denial, type Reason } from '../denial.ts'
import type { Count, Meter } from '../metrics/meter.ts'
import type { Decision } from '../verify/verifier.ts'
import type { DecisionObserver } from './gateway.ts'
import type { Pass } from './pass-headers.ts'

/** Upstream's words for a refusal by the clock. Spec 11. */
const CLOCK_WORDS: Readonly<Partial<Record<Reason, string>>> = {
  expired: 'expired',
  issued_in_future: 'future_iat',
  not_yet_valid: 'future_nbf',
}

/** Counts the decisions of one entity, as its audit lines tell them. */
export class DecisionMeter implements DecisionObserver {
  readonly #meter: Meter
  readonly #audience: string
  readonly #allowed: Count
  /** One for each way to be refused that has been met; the table of refusals bounds them. */
  readonly #refused = new Map<string, readonly Count[]>()

  constructor(meter: Meter, audience: string) {
    this.#meter = meter
    this.#audience = audience
    const allow = { outcome: 'allow', step: '', reason: '', status: '', enforced: 'true' }
    this.#allowed = meter.counter('oathmesh_decisions_total', { audience, ...allow })
    // There from the start: what begins with its first case cannot be seen to have grown.
    meter.counter('oathmesh_replays_detected_total', {})
  }

  decided(as: Pass | 'refuse', { verdict }: Decision): void {
    if (as === 'allow') {
      this.#allowed.add()
      return
    }
    const denial = verdict.outcome === 'deny' ? verdict.denial : new Denial('internal_error')
    const key = `${as} ${denial.step} ${denial.reason}`
    let counts = this.#refused.get(key)
    if (counts === undefined) {
      counts = this.#countsOf(as, denial)
      this.#refused.set(key, counts)
    }
    for (const count of counts) count.add()
  }

  #countsOf(as: 'refuse' | 'observe' | 'anonymous', denial: Denial): readonly Count[] {
    const { reason, step, refusal } = denial
    const meter = this.#meter
    const decisions = meter.counter('oathmesh_decisions_total', {
      audience: this.#audience,
      outcome: as === 'refuse' ? 'deny' : as,
      step: step === undefined ? '' : String(step),
      reason,
      status: String(refusal.status),
      enforced: String(as === 'refuse'),
    })
    const clock = CLOCK_WORDS[reason]
    return [
      decisions,
      ...(reason === 'jti_replay' ? [meter.counter('oathmesh_replays_detected_total', {})] : []),
      ...(refusal.code === 'policy_denied'
        ? [meter.counter('oathmesh_policy_denials_total', {})]
        : []),
      ...(clock === undefined
        ? []
        : [meter.counter('oathmesh_clock_skew_rejections_total', { reason: clock })]),
    ]
  }
}
