import { escapeControls } from '../escape-controls.ts'
import { type CompiledRule, compileRule } from './compiled-rule.ts'
import type { Policy } from './policy.ts'
import { DEFAULT_RULE, type PolicyRule } from './rule.ts'
import { RuleIndex } from './rule-index.ts'

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
  const index = new RuleIndex(compileEachRule(rules, path))
  return { decide: (claims) => (index.first(claims) ?? DENY_BY_DEFAULT).decision }
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
      const name = escapeControls(rule.name)
      throw new TypeError(`${path}[${index}].name: "${name}" already names ${path}[${first}]`)
    }
    seen.set(rule.name, index)
    return compileRule(rule, `${path}[${index}]`, index === rules.length - 1)
  })
  return seen.has(DEFAULT_RULE) ? compiled : [...compiled, DENY_BY_DEFAULT]
}
