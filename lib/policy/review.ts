import { compileEachRule } from './compile.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { Condition, TextCondition } from './condition.ts'
import type { PolicyDocument } from './document.ts'
import { compileGlob } from './glob.ts'

/** Something in a valid policy that its author hardly meant. */
export interface Warning {
  /** Where, as `rules[3]`. */
  readonly path: string
  readonly message: string
}

/**
 * Looks for rules that can never decide and for rules that allow more than one kind of subject.
 * Throws what `compileDocument` throws for the rules.
 */
export function reviewDocument(document: PolicyDocument): readonly Warning[] {
  const rules = compileEachRule(document.rules, 'rules')
  return rules.flatMap((rule, at) =>
    [unreachable(rule, rules.slice(0, at)), foreign(rule, document), tooWide(rule)]
      .filter((message) => message !== undefined)
      .map((message) => ({ path: `rules[${at}]`, message: `"${rule.decision.rule}" ${message}` })),
  )
}

/** Rules are compared in pairs: that several together leave nothing over goes unnoticed. */
function unreachable(rule: CompiledRule, before: readonly CompiledRule[]): string | undefined {
  const at = before.findIndex((earlier) =>
    earlier.conditions.every((wide) => rule.conditions.some((narrow) => covers(wide, narrow))),
  )
  const by = before[at]
  // The default may well follow a rule that denies everything else in other words.
  if (by === undefined || (rule.conditions.length === 0 && !rule.decision.allow)) return undefined
  return `never decides: rules[${at}] "${by.decision.rule}" matches whatever it would match`
}

function foreign({ conditions }: CompiledRule, document: PolicyDocument): string | undefined {
  const lists = { iss: document.issuers, aud: document.audiences }
  for (const condition of conditions) {
    if (condition.field !== 'iss' && condition.field !== 'aud') continue
    if (!lists[condition.field].some(compileGlob(condition.wanted))) {
      return `never decides: its ${condition.field} matches none that the policy is for`
    }
  }
  return undefined
}

function tooWide({ decision, conditions }: CompiledRule): string | undefined {
  if (!decision.allow) return undefined
  const subject = conditions.find(
    (condition): condition is TextCondition => condition.field === 'sub',
  )
  if (subject === undefined) return 'allows subjects of every kind: it names no sub'
  if (subject.prefix.includes('://')) return undefined
  return `allows subjects of every kind: "${subject.wanted}" is wider than "svc://*"`
}

/** Whether every claim that fits `narrow` fits `wide`. */
function covers(wide: Condition, narrow: Condition): boolean {
  if (wide.field === 'scope') {
    return narrow.field === 'scope' && wide.wanted.every((name) => narrow.wanted.includes(name))
  }
  if (narrow.field === 'scope' || narrow.field !== wide.field) return false
  // Only a star matches a character that no pattern holds, and a star matches what stands for it.
  return compileGlob(wide.wanted)(narrow.wanted.replaceAll('*', '\0'))
}
