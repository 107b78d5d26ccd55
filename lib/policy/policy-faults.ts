/** A log line is no place for more. */
const SHOWN_FAULTS = 20

/** What is wrong with a policy, in phrases that begin with a path where there is one. */
export class PolicyFaults extends TypeError {
  readonly faults: readonly string[]

  constructor(faults: readonly string[], options?: ErrorOptions) {
    super(faults.slice(0, SHOWN_FAULTS).join('; '), options)
    this.name = 'PolicyFaults'
    this.faults = faults
  }
}
