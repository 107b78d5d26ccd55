import type { painter } from '../../terminal/print.ts'
import type { TimelineCounts } from './timeline.ts'

const HEIGHTS = '▁▂▃▄▅▆▇█'
const ROWS = [
  ['not enforced', 'not_enforced', 'yellow'],
  ['denied', 'refused', 'red'],
  ['allowed', 'allowed', 'green'],
] as const
const UNITS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const

/** A row of small bars for each outcome that there is; each row has a scale of its own. */
export function bars(
  { seconds, buckets }: TimelineCounts,
  paint: ReturnType<typeof painter>,
): readonly string[] {
  return [
    `  one column for ${lengthOf(seconds)}, from ${buckets[0]?.at.slice(0, 16) ?? '-'}`,
    ...ROWS.flatMap(([title, outcome, style]) => {
      const counts = buckets.map((bucket) => bucket[outcome])
      const most = Math.max(...counts)
      if (most === 0) return []
      const row = counts.map((count) => barOf(count, most)).join('')
      return [`  ${title.padStart(12)}  ${paint(style, row)}  up to ${most}`]
    }),
  ]
}

/** Nothing is a blank, and anything is more than nothing. */
function barOf(count: number, most: number): string {
  if (count === 0) return ' '
  return HEIGHTS[Math.ceil((count / most) * HEIGHTS.length) - 1] ?? ' '
}

function lengthOf(seconds: number): string {
  const [unit, name] = UNITS.find(([length]) => seconds % length === 0) ?? [1, 'second']
  const number = seconds / unit
  return number === 1 ? `a ${name}`.replace('a hour', 'an hour') : `${number} ${name}s`
}
