import type { Count, Durations, Meter } from '../metrics/meter.ts'
import type { Observer, StepRun } from '../verify/observer.ts'
import type { StepName } from '../verify/step-names.ts'

/** The steps that can take time, by what they are called in metrics. The one before `replay` asks for both. */
const COSTLY: readonly (readonly [StepName, string])[] = [
  ['signing key', 'keys'],
  ['signature', 'signature'],
  ['binding', 'binding'],
  ['revocation', 'replay'],
  ['policy', 'policy'],
]

const CLAIMING: StepName = 'revocation'

/** Measures verifications and their costly steps. */
export class VerificationMeter implements Observer {
  readonly #verifications: Count
  readonly #whole: Durations
  readonly #steps: ReadonlyMap<StepName, Durations>
  readonly #claims: Durations
  readonly only: ReadonlySet<StepName>

  /** `store` is where token ids are claimed. */
  constructor(meter: Meter, store: 'memory' | 'redis') {
    this.#verifications = meter.counter('oathmesh_verifications_total', {})
    this.#whole = meter.histogram('oathmesh_verification_duration_seconds', {})
    this.#steps = new Map(
      COSTLY.map(([name, step]) => [
        name,
        meter.histogram('oathmesh_step_duration_seconds', { step }),
      ]),
    )
    this.#claims = meter.histogram('oathmesh_replay_claim_duration_seconds', { store })
    this.only = new Set(this.#steps.keys())
  }

  stepped({ step: { name }, elapsedMs }: StepRun): void {
    this.#steps.get(name)?.observe(elapsedMs / 1000)
    // The claim is what that step waits for, and all that it does.
    if (name === CLAIMING) this.#claims.observe(elapsedMs / 1000)
  }

  verified(elapsedMs: number): void {
    this.#verifications.add()
    this.#whole.observe(elapsedMs / 1000)
  }
}
