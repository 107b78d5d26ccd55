import type { ExplainedRule } from '../lib/policy/explain.ts'
import type { Claims } from '../lib/token/claims.ts'
import type { Issuer } from './issuer.ts'
import type { MintCaller } from './mint-caller.ts'
import { readIdentityToken } from './oidc/identity-token.ts'
import type { CheckFinding } from './oidc/provider-check.ts'
import { IssuerRefusal, refuse } from './refusal.ts'
import { readTokenRequest } from './token-request.ts'

/** Who asks, and the body of `POST /v1/token`. */
export type MintQuestion = { readonly wanted: unknown } & (
  | { readonly identityToken: string }
  | { readonly client: string }
)

/** What an issuer would make of a request, as far as it comes, and why. */
export interface ExplainedMint {
  /** `iss` of the provider, of an identity token. */
  readonly provider?: string
  /** What is asked of the identity token. */
  readonly checks: readonly CheckFinding[]
  /** As the mint policy names it. */
  readonly caller?: string
  /** The claims of the token as it would be minted; proven only if every check holds. */
  readonly claims?: Claims
  /** The rules that are for this caller. */
  readonly rules: readonly ExplainedRule[]
  readonly outcome: 'mint' | 'refuse'
  /** The rule that decides. */
  readonly rule?: string
  readonly refusal?: ExplainedRefusal
}

export interface ExplainedRefusal {
  /** Of the audit line. */
  readonly reason: string
  readonly code: string
  readonly status: number
  readonly field?: string
  readonly detail?: string
}

type Draft = { -readonly [K in keyof ExplainedMint]: ExplainedMint[K] }

/**
 * Explains what becomes of a request, without a secret, a signing key or a trace in the audit. Keys of the
 * provider are fetched as for a real one. `now` is Unix seconds.
 */
export async function explainMint(
  issuer: Issuer,
  question: MintQuestion,
  now: number,
): Promise<ExplainedMint> {
  const draft: Draft = { checks: [], rules: [], outcome: 'refuse' }
  try {
    await explain(issuer, question, now, draft)
  } catch (cause) {
    if (!(cause instanceof IssuerRefusal)) throw cause
    draft.refusal = refusalOf(cause)
  }
  return draft
}

async function explain(issuer: Issuer, question: MintQuestion, now: number, draft: Draft) {
  const caller =
    'client' in question
      ? clientOf(issuer, question.client)
      : await workloadOf(issuer, question.identityToken, now, draft)
  draft.caller = caller.name
  const request = readTokenRequest(question.wanted)
  const proposal = issuer.minter.propose(caller, request, Math.floor(now))
  draft.claims = proposal.claims
  const { decision, rules } = issuer.policy.explain(caller.name, proposal)
  draft.rules = rules
  draft.rule = decision.rule
  const failed = draft.checks.find(({ holds }) => !holds)
  if (failed !== undefined) return
  issuer.minter.authorize(caller, proposal)
  draft.outcome = 'mint'
}

function clientOf({ settings }: Issuer, name: string): MintCaller {
  if (!settings.clients.some((client) => client.name === name)) {
    refuse('credentials_wrong', { detail: `there is no client "${name}"` })
  }
  return { name: `client:${name}`, limitKey: `client:${name}` }
}

async function workloadOf({ providers }: Issuer, text: string, now: number, draft: Draft) {
  const token = readIdentityToken(text)
  const iss = String(token.claims['iss'])
  const provider = providers.get(iss)
  if (provider === undefined) refuse('oidc_issuer', { detail: `iss is "${iss}"` })
  draft.provider = iss
  draft.checks = await provider.explain(token, now)
  // The first that fails is what a caller would be told; the mapping goes on to show the rules.
  try {
    await provider.authenticate(token, now)
  } catch (cause) {
    if (!(cause instanceof IssuerRefusal)) throw cause
    draft.refusal = refusalOf(cause)
  }
  return provider.callerOf(token)
}

function refusalOf({
  reason,
  answer,
  details: { field, detail },
}: IssuerRefusal): ExplainedRefusal {
  return {
    reason,
    code: answer.code,
    status: answer.status,
    ...(field !== undefined && { field }),
    ...(detail !== undefined && { detail }),
  }
}
