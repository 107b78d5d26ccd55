import { type Condition, compileConditions } from './condition.ts'
import type { PolicyDecision } from './policy.ts'
import { DEFAULT_RULE, type PolicyRule } from './rule.ts'

/** A rule ready to be asked. Without conditions it matches every call. */
export interface CompiledRule {
  readonly decision: PolicyDecision & { readonly rule: string }
  readonly conditions: readonly Condition[]
  readonly denyReason?: string | undefined
}

/**
 * Compiles the rule that stands at `path`. Throws `TypeError` that begins with the path of the fault:
 * an allow rule without a match (W-16), `default` anywhere but last or other than a plain deny.
 */
export function compileRule(rule: PolicyRule, path: string, last: boolean): CompiledRule {
  if (rule.name === '') throw new TypeError(`${path}.name: must not be empty`)
  const conditions = compileConditions(rule.match ?? {}, `${path}.match`)
  if (rule.name === DEFAULT_RULE) {
    if (!last) throw new TypeError(`${path}: the rule "default" must be the last one`)
    if (rule.allow) throw new TypeError(`${path}.allow: the rule "default" must deny`)
    if (conditions.length > 0) {
      throw new TypeError(`${path}.match: the rule "default" matches every call and takes no match`)
    }
  }
  if (rule.allow && conditions.length === 0) {
    throw new TypeError(`${path}.match: a rule that allows must say what it matches`)
  }
  return {
    decision: { allow: rule.allow, rule: rule.name },
    conditions,
    denyReason: rule.denyReason,
  }
}
