import { loadSodiumNative } from '../../lib/keys/sodium-native.ts'
import type { Row } from '../shared/report.ts'
import { median, spread } from '../shared/statistics.ts'
import { callWith, token, verifierWith } from './verifiers.ts'

/** What each step takes of an allowed call, by the core's own observer: microseconds, the median of each round. */
export async function openSteps(calls: number, rounds: number): Promise<readonly Row[]> {
  const ed25519 = loadSodiumNative()
  if (ed25519 === undefined) throw new Error('sodium-native is not installed: npm ci')
  let times = new Map<string, number[]>()
  const medians = new Map<string, number[]>()
  const verifier = verifierWith({
    ed25519,
    rules: 10,
    observer: {
      stepped({ step, elapsedMs }) {
        const all = times.get(step.name) ?? []
        all.push(elapsedMs * 1000)
        times.set(step.name, all)
      },
    },
  })
  for (let round = -1; round < rounds; round++) {
    times = new Map()
    for (let call = 0; call < calls; call++) await verifier.decide(callWith(`OathMesh ${token()}`))
    if (round < 0) continue
    for (const [name, all] of times) medians.set(name, [...(medians.get(name) ?? []), median(all)])
  }
  return [...medians].map(([name, each]) => ({ name, figures: { µs: spread(each) } }))
}
