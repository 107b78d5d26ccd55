import { escapeControls } from '../../../lib/index.ts'
import { count, painter } from '../../terminal/print.ts'
import type { SummaryCounts } from './summary.ts'

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
  const { decisions, from, until, routes } = counts
  if (decisions === 0) return 'no decision\n'
  const paint = painter(color)
  const texts = tablesOf(counts).map(({ title, columns, rows, uncounted }) => {
    const shown = aligned([columns, ...rows.slice(0, top)])
    const more = rows.length - top
    if (more > 0) shown.push(`  … and ${more} more`)
    if (uncounted > 0) shown.push(`  … and ${count(uncounted, 'decision')} of still others`)
    return `${paint('bold', title)}\n${shown.join('\n')}\n`
  })
  if (routes.every(({ route }) => route === null)) {
    texts.push('No line names its route: "audit.context: full" makes the plugin write it.\n')
  }
  return [`${count(decisions, 'decision')} from ${from} to ${until}\n`, ...texts].join('\n')
}

function tablesOf(counts: SummaryCounts): readonly Table[] {
  const { outcomes, degraded, steps, reasons, subjects, routes, uncounted } = counts
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
  ].filter(({ rows }) => rows.length > 0)
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
