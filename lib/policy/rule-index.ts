import type { Claims } from '../token/claims.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { Condition, TextCondition } from './condition.ts'

/** A rule and its place in the order that decides. */
interface Placed {
  readonly at: number
  readonly rule: CompiledRule
}

/**
 * Finds the first rule that matches without asking them all.
 *
 * Each rule hangs on one of its conditions, by the text before the first `*`: the rule can match only
 * where the claim begins with that text. A call looks up the beginnings of its claims, one per length
 * that occurs, and asks the rules found there. Of its conditions a rule hangs on the one it shares
 * with the fewest others, so that one subject in a thousand rules does not undo the index.
 */
export class RuleIndex {
  readonly #fields: readonly FieldIndex[]
  readonly #anywhere: readonly Placed[]

  constructor(rules: readonly CompiledRule[]) {
    const sharers = countSharers(rules)
    const fields = new Map<string, FieldIndex>()
    const anywhere: Placed[] = []
    rules.forEach((rule, at) => {
      const anchor = rarest(rule.conditions.filter(anchors), sharers)
      if (anchor === undefined) {
        anywhere.push({ at, rule })
        return
      }
      const index = fields.get(anchor.field) ?? new FieldIndex(anchor)
      fields.set(anchor.field, index.add(anchor.prefix, { at, rule }))
    })
    this.#fields = [...fields.values()]
    this.#anywhere = anywhere
  }

  first(claims: Claims): CompiledRule | undefined {
    let best = firstOf(this.#anywhere, claims, undefined)
    for (const field of this.#fields) best = field.first(claims, best)
    return best?.rule
  }
}

/** The rules that hang on one field, by what its claim begins with. */
class FieldIndex {
  readonly #read: TextCondition['actual']
  readonly #rules = new Map<string, Placed[]>()
  readonly #lengths: number[] = []

  constructor({ actual }: TextCondition) {
    this.#read = actual
  }

  add(prefix: string, placed: Placed): this {
    const rules = this.#rules.get(prefix)
    if (rules === undefined) this.#rules.set(prefix, [placed])
    else rules.push(placed)
    if (!this.#lengths.includes(prefix.length)) this.#lengths.push(prefix.length)
    return this
  }

  first(claims: Claims, best: Placed | undefined): Placed | undefined {
    const text = this.#read(claims)
    if (text === undefined) return best
    let found = best
    for (const length of this.#lengths) {
      if (length > text.length) continue
      const rules = this.#rules.get(text.slice(0, length))
      if (rules !== undefined) found = firstOf(rules, claims, found)
    }
    return found
  }
}

/** The first of `rules` that matches and stands before `best`, else `best`. */
function firstOf(
  rules: readonly Placed[],
  claims: Claims,
  best: Placed | undefined,
): Placed | undefined {
  for (const placed of rules) {
    if (best !== undefined && placed.at > best.at) return best
    if (placed.rule.conditions.every((condition) => condition.holds(claims))) return placed
  }
  return best
}

function countSharers(rules: readonly CompiledRule[]): Map<string, number> {
  const sharers = new Map<string, number>()
  for (const condition of rules.flatMap(({ conditions }) => conditions).filter(anchors)) {
    const key = keyOf(condition)
    sharers.set(key, (sharers.get(key) ?? 0) + 1)
  }
  return sharers
}

function rarest(
  conditions: readonly TextCondition[],
  sharers: ReadonlyMap<string, number>,
): TextCondition | undefined {
  const count = (condition: TextCondition) => sharers.get(keyOf(condition)) ?? 0
  return conditions.toSorted((one, other) => count(one) - count(other))[0]
}

function anchors(condition: Condition): condition is TextCondition {
  return condition.field !== 'scope' && condition.prefix !== ''
}

function keyOf({ field, prefix }: TextCondition): string {
  return `${field} ${prefix}`
}
