import { readFileSync } from 'node:fs'
import type { Costs } from './simulate.ts'

/**
 * Measured on two shared cores (docs/benchmarks.md): the plugin server on a real Kong with libsodium, with 60 for its
 * Redis client; a claim as its script takes of redis-server; the bytes of a record. The round trip is that of one rack, and was not measured here.
 */
export const MEASURED: Costs = {
  serverMicros: 260,
  claimMicros: 25,
  roundTripMicros: 300,
  recordBytes: 149,
}

/** What a claim takes of the process that makes it. */
const CLIENT_MICROS = 60

/** Those of a run of `bench:server` on this machine, where there is one. */
export function costsHere(file = 'bench/results/server.json'): Costs {
  try {
    const { tables } = JSON.parse(readFileSync(file, 'utf8')) as {
      tables: { rows: { name: string; figures: Record<string, { median: number }> }[] }[]
    }
    const row = tables[0]?.rows.find(({ name }) => name === 'sodium-native')
    const micros = row?.figures['CPU µs per request']?.median
    return micros === undefined ? MEASURED : { ...MEASURED, serverMicros: micros + CLIENT_MICROS }
  } catch {
    return MEASURED
  }
}
