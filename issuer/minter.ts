import { randomUUID } from 'node:crypto'
import type { FailedCondition } from '../lib/policy/explain.ts'
import type { Claims } from '../lib/token/claims.ts'
import { mint } from '../lib/token/mint.ts'
import type { IssuerKey } from './keys/issuer-key.ts'
import type { KeySchedule } from './keys/key-schedule.ts'
import type { MintCaller } from './mint-caller.ts'
import type { MintDecision, MintPolicy, MintProposal } from './mint-policy.ts'
import { refuse } from './refusal.ts'
import { defined, type TokenRequest } from './token-request.ts'

/** The default bound of verifiers. Spec 1.5. */
const MAX_TOKEN_BYTES = 8192

interface MinterOptions {
  readonly issuer: string
  readonly policy: MintPolicy
  readonly keys: { readonly schedule: KeySchedule }
}

export interface Minted {
  readonly token: string
  readonly claims: Claims
  readonly key: IssuerKey
  readonly rule: string
}

/** Mints what the policy allows, and nothing that no verifier would accept. */
export class Minter {
  readonly #options: MinterOptions

  constructor(options: MinterOptions) {
    this.#options = options
  }

  /**
   * `nowMs` is milliseconds since the epoch. Refuses `sub_missing`, `subject_foreign`, `source_foreign`,
   * `mint_policy`, `mint_unbounded`, `no_signing_key`, `token_too_large`.
   */
  mint(caller: MintCaller, request: TokenRequest, nowMs: number): Minted {
    const { keys } = this.#options
    const iat = Math.floor(nowMs / 1000)
    const proposal = this.propose(caller, request, iat)
    const { claims: wanted } = proposal
    const decision = this.authorize(caller, proposal)
    const key = keys.schedule.signing(nowMs / 1000)
    if (key === undefined) refuse('no_signing_key', { retryAfterSeconds: 5 })
    const exp = Math.min(wanted.exp, iat + decision.maxTtlSeconds)
    const claims = { ...wanted, exp }
    const token = mint(claims, key)
    if (token.length > MAX_TOKEN_BYTES) refuse('token_too_large')
    return { token, claims, key, rule: decision.rule }
  }

  /** The token as it would be minted at this Unix second. Refuses `sub_missing`, `subject_foreign`, `source_foreign`. */
  propose(caller: MintCaller, request: TokenRequest, iat: number): MintProposal {
    const source = caller.identity === undefined ? 'stated' : 'proven'
    return { claims: this.#claims(caller, request, iat), source }
  }

  /** What the policy says of the token. Refuses `mint_policy`, `mint_unbounded`. */
  authorize(caller: MintCaller, proposal: MintProposal): Granted {
    const decision = this.#options.policy.decide(caller.name, proposal)
    return decision.allow ? decision : refuseMint(decision)
  }

  #claims({ identity }: MintCaller, request: TokenRequest, iat: number): Claims {
    const { ttlSeconds, sub: stated, ...rest } = request
    if (identity !== undefined) {
      if (stated !== undefined && stated !== identity.sub)
        refuse('subject_foreign', { field: 'sub' })
      if (rest.src !== undefined) refuse('source_foreign', { field: 'src' })
    }
    const sub = identity?.sub ?? stated
    if (sub === undefined) refuse('sub_missing', { field: 'sub' })
    const times = { iat, nbf: iat, exp: iat + ttlSeconds, jti: randomUUID() }
    const src = identity === undefined ? rest.src : identity.src
    return defined({ iss: this.#options.issuer, sub, ...rest, ...times, src })
  }
}

type Granted = Extract<MintDecision, { readonly allow: true }>
type Refused = Extract<MintDecision, { readonly allow: false }>

/** The audit gets claim, value and pattern; the caller the name of a claim that alone is in the way. */
function refuseMint(decision: Refused): never {
  const { rule } = decision
  if ('unbounded' in decision) refuse('mint_unbounded', { rule, field: decision.unbounded })
  const { nearest } = decision
  if (nearest === undefined) refuse('mint_policy', { rule })
  const { failed } = nearest
  const [only] = failed
  refuse('mint_policy', {
    rule,
    field: failed.length === 1 ? only?.field : undefined,
    detail: `nearest rule "${nearest.rule}": ${failed.map(textOf).join('; ')}`,
  })
}

function textOf({ field, wanted, actual }: FailedCondition): string {
  return `${field} is ${JSON.stringify(actual) ?? 'absent'}, not ${JSON.stringify(wanted)}`
}
