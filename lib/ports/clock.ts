/** Wall clock. `now()` is milliseconds since the Unix epoch. */
export interface Clock {
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** The second that was asked for last: an audit line asks for the one that the line before it had. */
let last = { second: Number.NaN, text: '' }

/** RFC 3339 in UTC with milliseconds, for an instant in milliseconds since the epoch. */
export function formatInstant(ms: number): string {
  const whole = Math.floor(ms)
  const second = Math.floor(whole / 1000)
  if (second !== last.second) {
    last = { second, text: new Date(second * 1000).toISOString().slice(0, -'000Z'.length) }
  }
  return `${last.text}${String(whole - second * 1000).padStart(3, '0')}Z`
}
