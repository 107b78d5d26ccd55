/** A rule of Prometheus: an alert, or a series that is recorded. */
export interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly for?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

export type Alert = Required<Pick<Rule, 'alert' | 'expr' | 'labels' | 'annotations'>> &
  Pick<Rule, 'for'>

/** A file of rules, parsed. */
export interface RulesFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}

export function rulesOf({ groups }: RulesFile): readonly Rule[] {
  return groups.flatMap(({ rules }) => rules)
}

/** The alerts, in order. One name may stand there with several severities. */
export function alertsOf(file: RulesFile): readonly Alert[] {
  return rulesOf(file).flatMap(({ alert, labels = {}, annotations = {}, ...rule }) =>
    alert === undefined ? [] : [{ ...rule, alert, labels, annotations }],
  )
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const
const DURATION = /\b(\d+)(ms|s|m|h)\b/

/**
 * The same rules in a time that runs `factor` times as fast: what an expression looks back on, and how long
 * it has to hold, is divided; names, thresholds and labels are as they are.
 */
export function faster(file: RulesFile, factor: number): RulesFile {
  const groups = file.groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => ({
      ...rule,
      expr: rule.expr.replaceAll(/\[[^\]]*\]/g, (range) => scaled(range, factor)),
      ...(rule.for !== undefined && { for: scaled(rule.for, factor) }),
    })),
  }))
  return { groups }
}

/** A text with its duration divided. */
export function scaled(text: string, factor: number): string {
  const [duration, count, unit] = DURATION.exec(text) ?? []
  if (duration === undefined) throw new TypeError(`no duration: ${text}`)
  const ms = (Number(count) * UNITS[unit as keyof typeof UNITS]) / factor
  return text.replace(duration, `${Math.round(ms)}ms`)
}
