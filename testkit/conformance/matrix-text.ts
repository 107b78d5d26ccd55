import type { Cell, Matrix, MatrixRow } from './matrix.ts'

const SIGNS = { agrees: '=', before: '~', apart: '-', differs: '!' } as const satisfies Record<
  Cell['verdict'],
  string
>

/** The matrix for people: a line for every case, a column for every implementation, and how many differ. */
export function matrixText(matrix: Matrix): string {
  const { implementations, rows } = matrix
  const nameWidth = widest(rows.map(titleOf))
  const expectedWidth = widest(rows.map(({ expected }) => expected))
  const columns = (cells: readonly string[]) =>
    cells.map((cell, at) => cell.padEnd(implementations[at]?.length ?? 0)).join('  ')
  const lines = rows.flatMap((row) => {
    const cells = implementations.map((name) => SIGNS[row.cells[name]?.verdict ?? 'differs'])
    const start = `${titleOf(row).padEnd(nameWidth)}  ${row.expected.padEnd(expectedWidth)}`
    return [`${start}  ${columns(cells)}`.trimEnd(), ...differencesOf(row)]
  })
  const head = `${''.padEnd(nameWidth)}  ${'expected'.padEnd(expectedWidth)}  ${columns(implementations)}`
  return [head, ...lines, '', ...legend(matrix), summary(matrix)].join('\n')
}

/** One line: how much was compared, and how much differs. */
export function summary({ implementations, rows, differences, before, apart }: Matrix): string {
  const size = `${rows.length} rows x ${implementations.length} implementations`
  return `${size}: ${differences} differences, ${before} decided before the implementation, ${apart} not applicable`
}

function differencesOf({ cells }: MatrixRow): readonly string[] {
  return Object.entries(cells)
    .filter(([, { verdict }]) => verdict === 'differs')
    .map(([name, { got }]) => `    ${name} says: ${got}`)
}

function legend({ unknown }: Matrix): readonly string[] {
  return [
    '= as the vector says   ~ decided by what stands before it   - not applicable: it takes whole tokens only   ! different',
    ...unknown.map((row) => `no case of the vectors: ${row}`),
  ]
}

function titleOf({ file, name }: MatrixRow): string {
  return `${file.replace('.json', '')}: ${name}`
}

function widest(texts: readonly string[]): number {
  return Math.max(0, ...texts.map(({ length }) => length))
}
