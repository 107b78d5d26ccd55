import { escapeControls } from '../../../lib/index.ts'
import type { AuditReader } from '../audit-reader.ts'
import type { SummaryCounts } from './summary.ts'

/** The counts for a program, each list cut to `top` where that is given. */
export function summaryJson(
  counts: SummaryCounts,
  top: number | undefined,
  { lines, skipped }: Pick<AuditReader, 'lines' | 'skipped'>,
): string {
  const { uncounted, ...rest } = counts
  const shown = {
    ...rest,
    steps: counts.steps.slice(0, top),
    reasons: counts.reasons.slice(0, top),
    subjects: counts.subjects.slice(0, top),
    routes: counts.routes.slice(0, top),
    addresses: counts.addresses.slice(0, top),
    rules: counts.rules.slice(0, top),
    uncounted,
    lines,
    skipped,
  }
  const text = JSON.stringify(shown, null, 2).split('\n')
  return `${text.map(escapeControls).join('\n')}\n`
}
