import { type Condition, compileConditions } from './condition.ts'
import type { Policy, PolicyDecision } from './policy.ts'
import { DEFAULT_RULE, type PolicyRule } from './rule.ts'

/** A rule ready to be asked. No conditions: it matches every call. */
export interface CompiledRule {
  readonly decision: PolicyDecision & { readonly rule: string }
  readonly conditions: readonly Condition[]
  readonly denyReason?: string | undefined
}

const DENY_BY_DEFAULT: CompiledRule = {
  decision: { allow: false, rule: DEFAULT_RULE },
  conditions: [],
}

/**
 * Makes a policy of rules in order: the first that matches decides, and none denies by `default`.
 *
 * `path` is where the rules stand in the configuration. Throws `TypeError` that begins with the path
 * of the fault: a name used twice, an allow rule without a match (W-16), `default` anywhere but
 * last or other than a plain deny. Spec 9.3.
 */
export function compileRules(rules: readonly PolicyRule[], path = 'policy.rules'): Policy {
  const compiled = compileEachRule(rules, path)
  return {
    decide: (claims) => (compiled.find((rule) => matches(rule, claims)) ?? DENY_BY_DEFAULT).decision,
  }
}

/** Like `compileRules`, but gives the rules one by one, the implied `default` included. */
export function compileEachRule(
  rules: readonly PolicyRule[],
  path = 'policy.rules',
): readonly CompiledRule[] {
  if (rules.length === 0) throw new TypeError(`${path}: needs at least one rule`)
  const seen = new Map<string, number>()
  const compiled = rules.map((rule, index) => {
    const first = seen.get(rule.name)
    if (first !== undefined) {
      throw new TypeError(`${path}[${index}].name: "${rule.name}" already names ${path}[${first}]`)
    }
    seen.set(rule.name, index)
    return compileRule(rule, `${path}[${index}]`, index === rules.length - 1)
  })
  return seen.has(DEFAULT_RULE) ? compiled : [...compiled, DENY_BY_DEFAULT]
}

function compileRule(rule: PolicyRule, path: string, last: boolean): CompiledRule {
  if (rule.name === '') throw new TypeError(`${path}.name: must not be empty`)
  const conditions = compileMatch(rule, path)
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

function compileMatch({ match = {} }: PolicyRule, path: string): readonly Condition[] {
  try {
    return compileConditions(match)
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new TypeError(`${path}.match.${cause.message}`, { cause })
  }
}

function matches({ conditions }: CompiledRule, claims: Parameters<Policy['decide']>[0]): boolean {
  for (const condition of conditions) if (!condition.holds(claims)) return false
  return true
}
