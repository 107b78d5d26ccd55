import type { ExplainedMint } from '../../issuer/index.ts'
import { escapeControls } from '../../lib/escape-controls.ts'
import type { ExplainedRule } from '../../lib/policy/explain.ts'
import { painter, quoted } from '../terminal/print.ts'

const OUTCOMES = {
  decides: 'decides',
  does_not_match: 'does not match',
  not_reached: 'not reached',
} as const satisfies Record<ExplainedRule['outcome'], string>

/** An explanation for a reader: who asks and how that was found, the token, the rules, the outcome. */
export function mintExplanationText(explained: ExplainedMint, color: boolean): string {
  const paint = painter(color)
  const { provider, checks, caller, claims, rules, outcome, rule, refusal } = explained
  const lines = []
  if (provider !== undefined) lines.push(`provider  ${escapeControls(provider)}`)
  for (const { name, holds, found } of checks) {
    const mark = holds ? paint('green', 'ok') : paint('red', 'NO')
    lines.push(`  ${mark}  ${escapeControls(name)}: ${escapeControls(found)}`)
  }
  if (caller !== undefined) lines.push(`caller    ${caller}`)
  if (claims !== undefined) {
    const { sub, aud, act, src } = claims
    const members = { sub, aud, act, ...(src !== undefined && { src: JSON.stringify(src) }) }
    for (const [name, text] of Object.entries(members)) {
      lines.push(`${name.padEnd(8)}  ${escapeControls(text)}`)
    }
  }
  if (caller !== undefined && rules.length === 0) lines.push('rules     none is for this caller')
  lines.push(...rules.flatMap((found) => ruleLines(found, paint)), '')
  lines.push(
    outcome === 'mint'
      ? `${paint('green', 'would be minted')} by "${rule}"`
      : `${paint('red', 'would be refused')}: ${refusalText(refusal)}`,
  )
  return `${lines.join('\n')}\n`
}

function ruleLines(rule: ExplainedRule, paint: ReturnType<typeof painter>): readonly string[] {
  const mark = rule.outcome === 'decides' ? '>' : ' '
  const effect = rule.allow ? 'allow' : 'deny'
  return [
    `${mark} rule ${paint('bold', rule.name)} (${effect}): ${OUTCOMES[rule.outcome]}`,
    ...rule.failed.map(({ field, wanted, actual }) => {
      return `      ${field} is ${escapeControls(quoted(actual))}, not ${escapeControls(quoted(wanted))}`
    }),
  ]
}

function refusalText(refusal: ExplainedMint['refusal']): string {
  if (refusal === undefined) return 'a check does not hold'
  const { code, status, reason, field, detail } = refusal
  const where = field === undefined ? '' : ` (${field})`
  const why = detail === undefined ? '' : `: ${escapeControls(detail)}`
  return `${status} ${code}${where}, audit reason ${reason}${why}`
}
