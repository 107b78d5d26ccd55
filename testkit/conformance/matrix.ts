import type { VectorFile } from '../vectors.ts'
import type { Implementation } from './implementation.ts'
import { agrees, expectedOutcome, type Outcome, outcomeText, type Row } from './outcome.ts'

/** `agrees` is as the vector wants it; `before` as something before the implementation decides it. */
export interface Cell {
  readonly got: string
  readonly verdict: 'agrees' | 'before' | 'differs'
}

export interface MatrixRow {
  readonly file: string
  readonly name: string
  readonly expected: string
  readonly cells: Readonly<Record<string, Cell>>
}

export interface Matrix {
  readonly implementations: readonly string[]
  readonly rows: readonly MatrixRow[]
  /** Cells that differ from the vector, and rows of no vector. */
  readonly differences: number
  /** Cells decided by something before the implementation. */
  readonly before: number
  /** Rows that an implementation gave and that are no case: one `implementation: file: name` each. */
  readonly unknown: readonly string[]
}

export interface Run {
  readonly implementation: Implementation
  readonly rows: readonly Row[]
}

/** Lays the runs of all implementations beside each other. */
export function matrixOf(files: readonly VectorFile[], runs: readonly Run[]): Matrix {
  const tables = runs.map(({ implementation, rows }) => {
    return { implementation, got: new Map(rows.map((row) => [keyOf(row.file, row.name), row.got])) }
  })
  const rows = files.flatMap(({ file, cases }) =>
    cases.map((vector) => {
      const cells = tables.map(({ implementation: { name, before }, got }) => {
        const outcome = got.get(keyOf(file, vector.name))
        const verdict = verdictOf(agrees(vector, outcome), before?.[vector.name], outcome)
        return [name, { got: outcomeText(outcome), verdict }] as const
      })
      const expected = outcomeText(expectedOutcome(vector))
      return { file, name: vector.name, expected, cells: Object.fromEntries(cells) }
    }),
  )
  const known = new Set(rows.map(({ file, name }) => keyOf(file, name)))
  const unknown = runs.flatMap(({ implementation, rows: given }) =>
    given
      .filter(({ file, name }) => !known.has(keyOf(file, name)))
      .map(({ file, name }) => `${implementation.name}: ${file}: ${name}`),
  )
  const count = (verdict: Cell['verdict']) =>
    rows.flatMap(({ cells }) => Object.values(cells)).filter((cell) => cell.verdict === verdict)
      .length
  return {
    implementations: runs.map(({ implementation }) => implementation.name),
    rows,
    differences: count('differs') + unknown.length,
    before: count('before'),
    unknown,
  }
}

function verdictOf(
  agreed: boolean,
  before: Outcome | undefined,
  got: Outcome | undefined,
): Cell['verdict'] {
  // Where something else is to decide first, the vector's own outcome would be a surprise, too.
  if (before !== undefined) return outcomeText(before) === outcomeText(got) ? 'before' : 'differs'
  return agreed ? 'agrees' : 'differs'
}

function keyOf(file: string, name: string): string {
  return JSON.stringify([file, name])
}
