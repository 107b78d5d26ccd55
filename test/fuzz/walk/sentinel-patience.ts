import type { SentinelEstate } from '../../../testkit/redis-estates.ts'

/**
 * Longer than anything here keeps Redis from answering. Otherwise Sentinel would make the replica a master beside the
 * one that comes back, for some ten seconds, and a token would pass once at each, which no gateway can know.
 */
export const PATIENT_MS = 60_000

/** How long a master does not answer until Sentinel promotes the replica in its place. */
export async function holdDown({ sentinel }: SentinelEstate, ms: number): Promise<void> {
  await sentinel.cli('sentinel', 'set', 'oathmesh', 'down-after-milliseconds', String(ms))
}
