import { type Claims, escapeControls } from '../../lib/index.ts'
import type { ExplainedRule, Explanation } from '../../lib/policy/explain.ts'
import { painter, quoted } from '../terminal/print.ts'

const OUTCOMES = {
  decides: 'decides',
  does_not_match: 'does not match',
  not_reached: 'not reached',
} as const satisfies Record<ExplainedRule['outcome'], string>

/** An explanation for a reader: the outcome first, then one block per rule. */
export function explanationText(
  { sub, act }: Claims,
  { decision, foreign, rules }: Explanation,
  color: boolean,
): string {
  const paint = painter(color)
  const outcome = decision.allow ? paint('green', 'allowed') : paint('red', 'denied')
  const lines = [
    `${escapeControls(sub)} ${escapeControls(act)}: ${outcome} by "${decision.rule}"`,
    '',
  ]
  for (const failed of foreign) {
    lines.push(`  Not for this policy: ${quoted(failed.actual)} is not in ${failed.field}`, '')
  }
  rules.forEach((rule, at) => {
    const mark = rule.outcome === 'decides' ? '>' : ' '
    const effect = rule.allow ? 'allow' : 'deny'
    const name = paint('bold', rule.name)
    lines.push(`${mark} rules[${at}] ${name} (${effect}): ${OUTCOMES[rule.outcome]}`)
    if (rule.outcome === 'decides' && rule.denyReason !== undefined) {
      lines.push(`      ${escapeControls(rule.denyReason)}`)
    }
    for (const { field, wanted, actual } of rule.failed) {
      lines.push(`      ${field} is ${printable(actual)}, not ${printable(wanted)}`)
    }
  })
  return `${lines.join('\n')}\n`
}

function printable(value: string | readonly string[] | undefined): string {
  return escapeControls(quoted(value))
}
