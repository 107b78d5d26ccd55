import { basename } from 'node:path'

/** What is read of the file that `jest --json` writes. */
export interface JestResult {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

export interface WeaknessRow {
  /** `W-01`, or the name of the file of an attack. */
  readonly id: string
  /** What is wrong in the published implementation; empty for an attack, whose name says it. */
  readonly weakness: string
  readonly tests: number
  readonly state: 'closed' | 'open' | 'untested'
}

interface Tested {
  readonly file: string
  readonly title: string
  readonly passed: boolean
}

/** A row for every weakness of the findings in their order, then one for every file of tests about an attack. */
export function tableOf(findings: string, { testResults }: JestResult): readonly WeaknessRow[] {
  const tests = testResults.flatMap(({ name, status, assertionResults }): readonly Tested[] => {
    const file = basename(name, '.test.ts')
    // A file that could not be run has no tests to tell.
    if (assertionResults.length === 0) return [{ file, title: file, passed: status === 'passed' }]
    return assertionResults.map((test) => {
      return { file, title: test.fullName, passed: test.status === 'passed' }
    })
  })
  const published = [...findings.matchAll(/^### (W-\d\d)\n\nThere: (.+?) *$/gm)]
  const named = new Set(tests.filter(({ title }) => idsOf(title).length > 0))
  const attacks = [...new Set(tests.filter((test) => !named.has(test)).map(({ file }) => file))]
  return [
    ...published.map(([, id = '', weakness = '']) => {
      return rowOf(
        id,
        weakness,
        tests.filter(({ title }) => idsOf(title).includes(id)),
      )
    }),
    ...attacks.toSorted().map((name) => {
      return rowOf(
        name,
        '',
        tests.filter((test) => test.file === name && !named.has(test)),
      )
    }),
  ]
}

/** The table for people, and a line that sums it up. */
export function tableText(rows: readonly WeaknessRow[]): string {
  const width = Math.max(...rows.map(({ id }) => id.length))
  const lines = rows.map(({ id, weakness, tests, state }) => {
    return `${state.padEnd(8)}  ${id.padEnd(width)}  ${String(tests).padStart(4)}  ${weakness}`.trimEnd()
  })
  const count = (wanted: WeaknessRow['state']) =>
    rows.filter(({ state }) => state === wanted).length
  const summary = `${count('closed')} closed, ${count('open')} open, ${count('untested')} untested`
  return [`${'state'.padEnd(8)}  ${'id'.padEnd(width)} tests  weakness`, ...lines, summary].join(
    '\n',
  )
}

function rowOf(id: string, weakness: string, tests: readonly Tested[]): WeaknessRow {
  const passed = tests.every((test) => test.passed)
  const state = tests.length === 0 ? 'untested' : passed ? 'closed' : 'open'
  return { id, weakness, tests: tests.length, state }
}

/** Every weakness that a title begins with, at any level: `W-06, W-07 a store that is gone …`. */
function idsOf(title: string): readonly string[] {
  return /^(?:W-\d\d(?:, )?)+/.exec(title)?.[0].match(/W-\d\d/g) ?? []
}
