import { InvalidArgumentError } from 'commander'
import { parseRfc3339 } from '../terminal/rfc-3339.ts'

const DURATION = /^(\d{1,9})([smhd])$/
const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/**
 * An instant in milliseconds since the epoch, from RFC 3339 or from how long ago it was: `15m`, `36h`.
 * Throws commander's `InvalidArgumentError`.
 */
export function parseInstant(text: string, now: number): number {
  const [, amount, unit = ''] = DURATION.exec(text) ?? []
  const unitMs = UNIT_MS[unit]
  if (unitMs !== undefined) return now - Number(amount) * unitMs
  const instant = parseRfc3339(text)
  if (instant !== undefined) return instant
  throw new InvalidArgumentError(
    'Expected RFC 3339, as in 2026-11-24T03:00:00Z, or how long ago: 90s, 15m, 36h, 7d.',
  )
}
