import { mutatedTokens } from './tokens.ts'
import { coreOf, joseOf, type Opinions, programOf } from './voices.ts'

export interface Disagreement {
  readonly token: string
  readonly said: Readonly<Record<string, string>>
}

export interface Comparison {
  readonly seed: number
  readonly tokens: number
  /** How many the core has accepted: a comparison of refusals alone says little. */
  readonly accepted: number
  readonly disagreements: readonly Disagreement[]
}

/**
 * Asks the core, both SDKs and jose about the same mutated tokens. The first three must agree to the step; jose
 * must find a good signature wherever they accept.
 */
export async function compareTokens(count: number, seed: number): Promise<Comparison> {
  const tokens = mutatedTokens(count, seed)
  const core = await coreOf(tokens)
  const go = await programOf('go', tokens)
  const python = await programOf('python', tokens)
  const jose = await joseOf(tokens)
  const disagreements = tokens.flatMap((token, at): Disagreement[] => {
    const said = saidAt(at, { core, go, python, jose })
    const unsigned = said['core'] === 'allow' && said['jose'] !== 'signed'
    const agreed = said['core'] === said['go'] && said['core'] === said['python'] && !unsigned
    return agreed ? [] : [{ token, said }]
  })
  const accepted = core.filter((opinion) => opinion === 'allow').length
  return { seed, tokens: tokens.length, accepted, disagreements }
}

function saidAt(
  at: number,
  voices: Readonly<Record<string, Opinions>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(voices).map(([name, opinions]) => [name, opinions[at] ?? 'no answer']),
  )
}
