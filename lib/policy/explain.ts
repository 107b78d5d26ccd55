import type { Claims } from '../token/claims.ts'
import { compileEachRule } from './compile.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { Condition } from './condition.ts'
import { compileDocument, type PolicyDocument } from './document.ts'
import type { PolicyDecision } from './policy.ts'
import type { PolicyRule } from './rule.ts'

/** Why a document decides as it does, rule by rule. */
export interface Explanation {
  readonly decision: PolicyDecision
  /** What denies the call before any rule is asked. */
  readonly foreign: readonly FailedCondition[]
  readonly rules: readonly ExplainedRule[]
}

export interface ExplainedRule {
  readonly name: string
  readonly allow: boolean
  readonly denyReason?: string | undefined
  readonly outcome: 'decides' | 'does_not_match' | 'not_reached'
  /** Of a rule that is not reached, too: what would keep it from matching. */
  readonly failed: readonly FailedCondition[]
}

export interface FailedCondition {
  /** As in a rule's `match`; `issuers` and `audiences` for the lists of the document. */
  readonly field: string
  readonly wanted: string | readonly string[]
  readonly actual: string | readonly string[] | undefined
}

/** Explains one decision. Throws what `compileDocument` throws. */
export function explainDocument(document: PolicyDocument, claims: Claims): Explanation {
  const decision = compileDocument(document).decide(claims)
  const foreign = foreignTo(document, claims)
  const rules = explainRules(document.rules, claims)
  return {
    decision,
    foreign,
    rules: foreign.length === 0 ? rules : rules.map(notReached),
  }
}

/** What each rule makes of the claims, the implied `default` included. Throws what `compileRules` throws. */
export function explainRules(
  rules: readonly PolicyRule[],
  claims: Claims,
): readonly ExplainedRule[] {
  const compiled = compileEachRule(rules, 'rules')
  const winner = compiled.findIndex((rule) => matches(rule, claims))
  return compiled.map((rule, at): ExplainedRule => {
    const { allow, rule: name } = rule.decision
    return {
      name,
      allow,
      ...(rule.denyReason !== undefined && { denyReason: rule.denyReason }),
      outcome: outcomeOf(at, winner),
      failed: rule.conditions.flatMap((condition) => failedOf(condition, claims)),
    }
  })
}

function notReached(rule: ExplainedRule): ExplainedRule {
  return { ...rule, outcome: 'not_reached' }
}

function outcomeOf(at: number, winner: number): ExplainedRule['outcome'] {
  if (at === winner) return 'decides'
  return at < winner ? 'does_not_match' : 'not_reached'
}

function matches({ conditions }: CompiledRule, claims: Claims): boolean {
  return conditions.every((condition) => condition.holds(claims))
}

function failedOf(condition: Condition, claims: Claims): readonly FailedCondition[] {
  if (condition.holds(claims)) return []
  const { field, wanted } = condition
  return [{ field, wanted, actual: condition.actual(claims) }]
}

function foreignTo({ issuers, audiences }: PolicyDocument, { iss, aud }: Claims) {
  return [
    ...(issuers.includes(iss) ? [] : [{ field: 'issuers', wanted: issuers, actual: iss }]),
    ...(audiences.includes(aud) ? [] : [{ field: 'audiences', wanted: audiences, actual: aud }]),
  ]
}
