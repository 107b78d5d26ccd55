/** Wall clock. `now()` is milliseconds since the Unix epoch, with a fraction where there is one. */
export interface Clock {
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }
