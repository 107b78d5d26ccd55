import type { TokenUse } from './replay-store.ts'

/**
 * Whole seconds for which a use must be remembered: `exp + 2L − now`, rounded up. The token could be
 * accepted here until `exp + L` (W-05: a record that dies at `exp` lets it live again inside the
 * leeway), and at a gateway whose clock is behind ours as long again as the leeway forgives.
 */
export function recordLifetimeSeconds(use: TokenUse, now: number): number {
  return Math.max(1, Math.ceil(use.acceptableUntil + use.leewaySeconds - now))
}
