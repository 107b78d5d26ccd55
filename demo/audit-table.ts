import { escapeControls } from '../lib/index.ts'

const COLUMNS = ['event', 'step', 'reason', 'act', 'rule', 'us'] as const

/** Audit lines for a person: what was decided, where and why; one row each. */
export function auditTable(lines: readonly string[]): string[] {
  const rows = lines.map((line) => {
    const event = JSON.parse(line) as Readonly<Record<string, unknown>>
    return COLUMNS.map((name) => escapeControls(String(event[name] ?? '-')))
  })
  const all = [[...COLUMNS], ...rows]
  const widths = COLUMNS.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  return all.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
