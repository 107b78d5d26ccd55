import { escapeControls } from '../../../lib/index.ts'
import { count, painter } from '../../terminal/print.ts'
import { bars } from './bars.ts'
import type { SummaryCounts } from './summary.ts'
import type { Outcomes } from './tally.ts'

type Cell = string | number | null
interface Table {
  readonly title: string
  /** The last column is the name: what a caller wrote cannot pass for a number beside it. */
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
  readonly uncounted: number
}

/** Tables for a person, at most `top` rows each. */
export function summaryText(counts: SummaryCounts, top: number, color: boolean): string {
  const { decisions, from, until, routes, us, timeline } = counts
  if (decisions === 0) return 'no decision\n'
  const paint = painter(color)
  const texts = tablesOf(counts).map(({ title, columns, rows, uncounted }) => {
    const shown = aligned([columns, ...rows.slice(0, top)])
    const more = rows.length - top
    if (more > 0) shown.push(`  … and ${more} more`)
    if (uncounted > 0) shown.push(`  … and ${count(uncounted, 'decision')} of still others`)
    return `${paint('bold', title)}\n${shown.join('\n')}\n`
  })
  if (us !== undefined) {
    const { p50, p90, p99, max } = us
    texts.push(
      `${paint('bold', 'Microseconds')}\n  half within ${p50}, 90 % within ${p90}, 99 % within ${p99}, all within ${max}\n`,
    )
  }
  // Small enough for whoever looks, and nothing for a program.
  if (color && timeline.buckets.length > 1) {
    texts.unshift(`${paint('bold', 'Over time')}\n${bars(timeline, paint).join('\n')}\n`)
  }
  if (routes.every(({ route }) => route === null)) {
    texts.push('No line names its route: "audit.context: full" makes the plugin write it.\n')
  }
  return [`${count(decisions, 'decision')} from ${from} to ${until}\n`, ...texts].join('\n')
}

function tablesOf(counts: SummaryCounts): readonly Table[] {
  const { outcomes, degraded, steps, reasons, subjects, routes, addresses, rules, uncounted } =
    counts
  const outcomeRows: readonly (readonly [number, string])[] = [
    [outcomes.not_enforced, 'denied, but not enforced'],
    [outcomes.refused, 'denied'],
    [outcomes.allowed, 'allowed'],
    [degraded, 'of all, decided without the replay store'],
  ]
  const withOutcomes = ['not enforced', 'denied', 'allowed']
  return [
    {
      title: 'Outcome',
      columns: ['count', 'outcome'],
      rows: outcomeRows.filter(([number]) => number > 0),
      uncounted: 0,
    },
    {
      title: 'Step, of denials',
      columns: ['count', 'step'],
      rows: steps.map(({ step, count: number }) => [number, step]),
      uncounted: 0,
    },
    {
      title: 'Reason, of denials',
      columns: ['count', 'reason'],
      rows: reasons.map(({ reason, count: number }) => [number, reason]),
      uncounted: uncounted.reasons,
    },
    {
      title: 'Subject, not ready ones first',
      columns: [...withOutcomes, 'verified', 'subject'],
      rows: subjects.map(({ sub, verified, not_enforced, refused, allowed }) => {
        return [not_enforced, refused, allowed, verified ? 'yes' : 'no', sub]
      }),
      uncounted: uncounted.subjects,
    },
    {
      title: 'Route, not ready ones first',
      columns: [...withOutcomes, 'route'],
      rows: routes.map(({ route, not_enforced, refused, allowed }) => {
        return [not_enforced, refused, allowed, route]
      }),
      uncounted: uncounted.routes,
    },
    {
      title: 'Rule of the policy, not ready ones first',
      columns: [...withOutcomes, 'rule'],
      // Where no rule was ever asked, there is nothing to say.
      rows: rules.every(({ rule }) => rule === null)
        ? []
        : rules.map((row) => [...countsOf(row), row.rule]),
      uncounted: uncounted.rules,
    },
    {
      title: 'Address, not ready ones first',
      columns: [...withOutcomes, 'src_ip'],
      rows: addresses.every(({ src_ip }) => src_ip === null)
        ? []
        : addresses.map((row) => [...countsOf(row), row.src_ip]),
      uncounted: uncounted.addresses,
    },
  ].filter(({ rows }) => rows.length > 0)
}

function countsOf({ not_enforced, refused, allowed }: Outcomes): readonly number[] {
  return [not_enforced, refused, allowed]
}

/** Names stand last and to the left; everything before them is aligned to the right. */
function aligned(rows: readonly (readonly Cell[])[]): string[] {
  const cells = rows.map((row) => row.map((cell) => escapeControls(String(cell ?? '-'))))
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  )
  return cells.map((row) => {
    const numbers = row.slice(0, -1).map((cell, column) => cell.padStart(widths[column] ?? 0))
    return `  ${[...numbers, row.at(-1)].join('  ')}`
  })
}
