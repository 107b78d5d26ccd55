/** Wall clock. `now()` is milliseconds since the Unix epoch. */
export interface Clock {
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** RFC 3339 in UTC with milliseconds, for an instant in milliseconds since the epoch. */
export function formatInstant(ms: number): string {
  return new Date(ms).toISOString()
}
