import { withoutControls } from './without-controls.ts'

/** A configuration that cannot be used. The message names every faulty field, and no value. */
export class ConfigFaults extends TypeError {
  override readonly name = 'TypeError'
  /** One phrase on one line per fault, beginning with the path of the field: `redis.port: must be integer`. */
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    const different = [...new Set(faults.map(withoutControls))]
    super(`oathmesh configuration: ${different.join('; ')}`)
    this.faults = different
  }
}
