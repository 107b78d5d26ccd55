import type { StepReport, Walk } from '../../lib/explain/walk.ts'
import { type Denial, escapeControls } from '../../lib/index.ts'
import { painter } from '../terminal/print.ts'
import type { ReadConfig } from './read-config.ts'

export interface Explanation extends Walk {
  readonly place: ReadConfig['place']
  /** Unix seconds as of which it was decided. */
  readonly at: number
}

const MARKS = { passed: '✔', refused: '✖', unknown: '?', not_reached: '·' } as const
const STYLES = {
  passed: 'green',
  refused: 'red',
  unknown: 'yellow',
  not_reached: undefined,
} as const

/** For a reader: one line per step in the order in which a gateway runs them, then the verdict. */
export function explanationText(
  { steps, denial, outcome, place }: Explanation,
  color: boolean,
): string {
  const paint = painter(color)
  const head = place === undefined ? [] : [`${place.file}:${place.line} ${place.path}`]
  const width = Math.max(...steps.map(({ name }) => name.length))
  const lines = steps.map(({ step, name, outcome: went, finding }) => {
    const style = STYLES[went]
    const mark = style === undefined ? MARKS[went] : paint(style, MARKS[went])
    const label = step === 0 ? '–' : String(step)
    const found = finding ?? 'not reached'
    return `${mark} ${label.padStart(2)}  ${name.padEnd(width)}  ${escapeControls(found)}`
  })
  const verdict = {
    allow: () => [paint('green', 'allowed')],
    unknown: () => [paint('yellow', 'not decided')],
    deny: () => (denial === undefined ? [] : refusalLines(denial, paint('red', 'refused'))),
  }[outcome]()
  return `${[...head, ...lines, ...verdict].join('\n')}\n`
}

function refusalLines({ refusal, step }: Denial, refused: string): readonly string[] {
  const { status, code, message, fix } = refusal
  const where = step === undefined ? 'before step 1' : `at step ${step}`
  return [`${refused} ${where}: ${status} ${code}`, `  ${message}`, `  Fix: ${fix}`]
}

/** The same for a program. */
export function explanationJson({ outcome, steps, denial, place, at }: Explanation): string {
  const result = {
    outcome,
    at,
    ...(place !== undefined && { entity: place }),
    ...(denial !== undefined && { refusal: refusalOf(denial) }),
    steps: steps.map((step): StepReport => step),
    // What this command cannot know of a gateway.
    replay: 'memory',
    revocation: 'not_asked',
  }
  return `${JSON.stringify(result, null, 2)}\n`
}

function refusalOf({ refusal, step, auditReason }: Denial): object {
  const { code, status, message, fix } = refusal
  return { ...(step !== undefined && { step }), reason: auditReason, code, status, message, fix }
}
