import type { SignatureVector } from '../signature-vectors.ts'
import type { VectorFile } from '../vectors.ts'
import type { Implementation } from './implementation.ts'
import { agrees, expectedOutcome, type Outcome, outcomeText, type Row } from './outcome.ts'

/**
 * `agrees` is as the vector wants it; `before` as something before the implementation decides it; `apart` is a
 * signature alone, for an implementation that takes nothing but tokens: it says nothing, which is no agreement.
 */
export interface Cell {
  readonly got: string
  readonly verdict: 'agrees' | 'before' | 'apart' | 'differs'
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
  /** Cells in which nothing is said, and that are not counted as agreement. */
  readonly apart: number
  /** Rows that an implementation gave and that are no case: one `implementation: file: name` each. */
  readonly unknown: readonly string[]
}

export interface Run {
  readonly implementation: Implementation
  readonly rows: readonly Row[]
}

/** A case as the matrix sees it. */
interface Question {
  readonly file: string
  readonly name: string
  readonly expected: Outcome
  readonly agrees: (got: Outcome | undefined) => boolean
  /** A signature alone: its message lacks claims that are asked for before a signature is looked at. */
  readonly apart: boolean
}

/** Lays the runs of all implementations beside each other. */
export function matrixOf(
  files: readonly VectorFile[],
  signatures: readonly SignatureVector[],
  runs: readonly Run[],
): Matrix {
  const tables = runs.map(({ implementation, rows }) => {
    return { implementation, got: new Map(rows.map((row) => [keyOf(row), row.got])) }
  })
  const rows = questionsOf(files, signatures).map((question) => {
    const cells = tables.map(({ implementation, got }) => {
      return [implementation.name, cellOf(question, implementation, got.get(keyOf(question)))]
    })
    const { file, name, expected } = question
    return { file, name, expected: outcomeText(expected), cells: Object.fromEntries(cells) }
  })
  const unknown = unknownOf(new Set(rows.map(keyOf)), runs)
  const verdicts = rows.flatMap(({ cells }) => Object.values<Cell>(cells))
  const count = (verdict: Cell['verdict']) =>
    verdicts.filter((cell) => cell.verdict === verdict).length
  return {
    implementations: runs.map(({ implementation }) => implementation.name),
    rows,
    differences: count('differs') + unknown.length,
    before: count('before'),
    apart: count('apart'),
    unknown,
  }
}

function questionsOf(
  files: readonly VectorFile[],
  signatures: readonly SignatureVector[],
): readonly Question[] {
  const calls = files.flatMap(({ file, cases }) =>
    cases.map((vector): Question => {
      const expected = expectedOutcome(vector)
      const judge = (got: Outcome | undefined) => agrees(vector, got)
      return { file, name: vector.name, expected, agrees: judge, apart: false }
    }),
  )
  const judged = signatures.map((vector): Question => {
    const { file, name, result } = vector
    const judge = (got: Outcome | undefined) => got === result
    return { file, name, expected: result, agrees: judge, apart: true }
  })
  return [...calls, ...judged]
}

function cellOf(
  question: Question,
  { before, tokensOnly = false }: Implementation,
  got: Outcome | undefined,
): Cell {
  if (question.apart && tokensOnly && got === undefined) {
    return { got: 'not applicable', verdict: 'apart' }
  }
  const verdict = verdictOf(question.agrees(got), before?.[question.name], got)
  return { got: outcomeText(got), verdict }
}

function unknownOf(known: ReadonlySet<string>, runs: readonly Run[]): readonly string[] {
  return runs.flatMap(({ implementation, rows }) =>
    rows
      .filter((row) => !known.has(keyOf(row)))
      .map(({ file, name }) => `${implementation.name}: ${file}: ${name}`),
  )
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

function keyOf({ file, name }: { readonly file: string; readonly name: string }): string {
  return JSON.stringify([file, name])
}
