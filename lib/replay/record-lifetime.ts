import type { TokenUse } from './replay-store.ts'

/**
 * Whole seconds for which a use must be remembered: as long as the token could be accepted, rounded
 * up, and one more (W-05: a record that dies at `exp` lets the token live again inside the leeway).
 */
export function recordLifetimeSeconds(use: TokenUse, now: number): number {
  return Math.max(1, Math.ceil(use.acceptableUntil - now)) + 1
}
