import { InvalidArgumentError } from 'commander'

const DURATION = /^(\d{1,9})([smhd])$/
const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
const RFC_3339 =
  /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/i

/**
 * An instant in milliseconds since the epoch, from RFC 3339 or from how long ago it was: `15m`, `36h`.
 * Throws commander's `InvalidArgumentError`.
 */
export function parseInstant(text: string, now: number): number {
  const [, amount, unit = ''] = DURATION.exec(text) ?? []
  const unitMs = UNIT_MS[unit]
  if (unitMs !== undefined) return now - Number(amount) * unitMs
  const date = RFC_3339.exec(text)?.[1]
  const instant = date === undefined || !isDay(date) ? Number.NaN : Date.parse(text.toUpperCase())
  if (!Number.isNaN(instant)) return instant
  throw new InvalidArgumentError(
    'Expected RFC 3339, as in 2026-11-24T03:00:00Z, or how long ago: 90s, 15m, 36h, 7d.',
  )
}

/** `Date.parse` takes the 30th of February for a day in March. */
function isDay(date: string): boolean {
  const midnight = Date.parse(`${date}T00:00:00Z`)
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date)
}
