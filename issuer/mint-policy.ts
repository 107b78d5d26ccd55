import { compileRules } from '../lib/policy/compile.ts'
import { type ExplainedRule, explainRules, type FailedCondition } from '../lib/policy/explain.ts'
import { compileGlob } from '../lib/policy/glob.ts'
import type { Policy } from '../lib/policy/policy.ts'
import { DEFAULT_RULE, type PolicyRule } from '../lib/policy/rule.ts'
import type { Claims } from '../lib/token/claims.ts'

/** One rule of who may mint what: a rule of the policy engine, for some callers, with bounds. */
export interface MintRule extends PolicyRule {
  /** Globs of callers: `client:<name>`, `oidc:<provider>`. */
  readonly callers: readonly string[]
  /** Globs of the scopes a token may have; none when absent. */
  readonly scopes?: readonly string[] | undefined
  /** Longest life of a token in seconds, 1–300. */
  readonly maxTtlSeconds?: number | undefined
}

export type MintDecision =
  | { readonly allow: true; readonly rule: string; readonly maxTtlSeconds: number }
  | { readonly allow: false; readonly rule: string; readonly nearest?: NearMiss | undefined }
  | { readonly allow: false; readonly rule: string; readonly unbounded: string }

/** A token as it would be minted, and whether its source is proven or only stated by the caller. */
export interface MintProposal {
  readonly claims: Claims
  readonly source: 'proven' | 'stated'
}

/** The rule that would allow with the fewest changes, and what keeps it from matching. */
export interface NearMiss {
  readonly rule: string
  readonly failed: readonly FailedCondition[]
}

/** What the rules of one caller make of a token as it would be minted. */
export interface MintExplanation {
  readonly decision: MintDecision
  readonly rules: readonly ExplainedRule[]
}

interface CallerPolicy {
  readonly policy: Policy
  readonly own: readonly MintRule[]
  readonly rules: ReadonlyMap<string, BoundedRule>
}

interface BoundedRule {
  readonly rule: MintRule
  readonly scopes: readonly ((scope: string) => boolean)[]
}

const MAX_TTL_SECONDS = 300

/**
 * Who may mint what (W-29). For each caller the first rule that matches the claims decides, and none
 * denies, by the engine that gateways use. A rule also bounds what it does not match: scopes by
 * `scopes`, and every other claim of the caller's own choice by being named in `match`.
 */
export class MintPolicy {
  readonly #callers: ReadonlyMap<string, CallerPolicy>

  /** `callers` are all there are. Throws `TypeError` that begins with the path of the fault. */
  constructor(rules: readonly MintRule[], callers: readonly string[]) {
    if (rules.length > 0) compileRules(rules, 'rules')
    const fits = rules.map((rule, at) => callersOf(rule, callers, `rules[${at}].callers`))
    this.#callers = new Map(
      callers.flatMap((caller) => {
        const own = rules.filter((_, at) => fits[at]?.has(caller))
        return own.length === 0 ? [] : [[caller, compileOwn(own)] as const]
      }),
    )
  }

  decide(caller: string, { claims, source }: MintProposal): MintDecision {
    const own = this.#callers.get(caller)
    const decision = own?.policy.decide(claims)
    const bounded = own?.rules.get(decision?.rule ?? '')
    if (decision?.allow !== true || bounded === undefined) {
      const rule = decision?.rule ?? DEFAULT_RULE
      // A rule that denies is the reason itself; where none matched, the nearest is worth a word.
      const nearest = own && rule === DEFAULT_RULE ? nearestOf(own, claims) : undefined
      return { allow: false, rule, nearest }
    }
    const { rule } = bounded
    const unbounded = unboundedClaim(bounded, claims, source)
    if (unbounded !== undefined) return { allow: false, rule: rule.name, unbounded }
    return { allow: true, rule: rule.name, maxTtlSeconds: rule.maxTtlSeconds ?? MAX_TTL_SECONDS }
  }

  /** The decision, rule by rule of those that are for this caller; a caller without any has none. */
  explain(caller: string, proposal: MintProposal): MintExplanation {
    const own = this.#callers.get(caller)?.own ?? []
    const rules = own.length === 0 ? [] : explainRules(own, proposal.claims)
    return { decision: this.decide(caller, proposal), rules }
  }
}

function nearestOf({ own }: CallerPolicy, claims: Claims): NearMiss | undefined {
  const allowing = explainRules(own, claims).filter(({ allow }) => allow)
  const [nearest] = allowing.toSorted((one, other) => one.failed.length - other.failed.length)
  return nearest && { rule: nearest.name, failed: nearest.failed }
}

function compileOwn(rules: readonly MintRule[]): CallerPolicy {
  const bounded = rules.map((rule) => {
    return [rule.name, { rule, scopes: (rule.scopes ?? []).map(compileGlob) }] as const
  })
  return { policy: compileRules(rules, 'rules'), own: rules, rules: new Map(bounded) }
}

/** A misspelt caller would leave a deny rule without effect. */
function callersOf(rule: MintRule, callers: readonly string[], path: string): ReadonlySet<string> {
  const found = new Set<string>()
  for (const [at, pattern] of rule.callers.entries()) {
    const matching = callers.filter(compileGlob(pattern))
    if (matching.length === 0) throw new TypeError(`${path}[${at}]: fits no client and no provider`)
    for (const caller of matching) found.add(caller)
  }
  return found
}

/** The first claim that the caller has chosen and the rule does not bound. */
function unboundedClaim(
  { rule: { match = {} }, scopes }: BoundedRule,
  { scope = [], env, tenant, src }: Claims,
  source: MintProposal['source'],
): string | undefined {
  if (!scope.every((name) => scopes.some((fits) => fits(name)))) return 'scope'
  if (env !== undefined && match.env === undefined) return 'env'
  if (tenant !== undefined && match.tenant === undefined) return 'tenant'
  if (source === 'proven' || src === undefined) return undefined
  if (match.src === undefined) return 'src'
  for (const member of ['type', 'repo', 'workflow'] as const) {
    if (src[member] !== undefined && match.src[member] === undefined) return `src.${member}`
  }
  return undefined
}
