import { compileGlob } from '../../lib/policy/glob.ts'
import { refuse } from '../refusal.ts'
import { at } from './at.ts'
import { claimReader } from './claim-text.ts'
import type { ProviderCheck } from './provider-check.ts'

const LEEWAY_SECONDS = 30

/** The token is signed by an algorithm of the list. Refuses `oidc_algorithm`. */
export function algorithmCheck(algorithms: readonly string[]): ProviderCheck {
  return {
    name: 'algorithm',
    run({ header: { alg } }) {
      if (typeof alg === 'string' && algorithms.includes(alg)) return alg
      return refuse('oidc_algorithm', {
        detail: `${textOf(alg)} is none of ${algorithms.join(', ')}`,
      })
    },
  }
}

/** The token is of now, give or take 30 s. Refuses `oidc_expired`, `oidc_not_yet_valid`, `oidc_malformed`. */
export const timeCheck: ProviderCheck = {
  name: 'time',
  run({ claims: { exp, nbf, iat } }, now) {
    if (typeof exp !== 'number') refuse('oidc_malformed', { detail: 'exp is not a number' })
    if (exp + LEEWAY_SECONDS <= now) {
      refuse('oidc_expired', { detail: `exp was ${Math.round(now - exp)} s ago` })
    }
    for (const [name, from] of Object.entries({ nbf, iat })) {
      if (from === undefined) continue
      if (typeof from !== 'number') refuse('oidc_malformed', { detail: `${name} is not a number` })
      if (from - LEEWAY_SECONDS >= now) {
        refuse('oidc_not_yet_valid', { detail: `${name} is in ${Math.round(from - now)} s` })
      }
    }
    return `${Math.round(exp - now)} s left`
  },
}

/** `aud` is, or holds, the audience. Refuses `oidc_audience`. */
export function audienceCheck(audience: string): ProviderCheck {
  return {
    name: 'audience',
    run({ claims: { aud } }) {
      const audiences: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
      if (audiences.includes(audience)) return audience
      return refuse('oidc_audience', { detail: `aud is ${textOf(aud)}, not "${audience}"` })
    },
  }
}

interface ClaimCheckOptions {
  readonly provider: string
  readonly claim: string
  readonly globs: readonly string[]
  /** Where the requirement stands. */
  readonly path: string
}

/** The claim is there and fits one of the globs. Refuses `oidc_claim`, with the claim's name. Throws `TypeError`. */
export function claimCheck({ provider, claim, globs, path }: ClaimCheckOptions): ProviderCheck {
  const read = at(path, () => claimReader(claim))
  const compiled = globs.map(compileGlob)
  return {
    name: `require ${claim}`,
    run({ claims }) {
      const text = read(claims)
      const fits = compiled.findIndex((matches) => text !== undefined && matches(text))
      if (fits >= 0) return `"${text}" fits "${globs[fits]}"`
      const found = text === undefined ? 'absent' : `"${text}"`
      const wanted = globs.map((glob) => `"${glob}"`).join(' or ')
      return refuse('oidc_claim', {
        field: claim,
        detail: `${provider}: ${claim} is ${found}, not ${wanted}`,
      })
    },
  }
}

function textOf(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value)
}
