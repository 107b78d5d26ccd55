import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type JestResult, tableOf, tableText } from '../../testkit/weaknesses/table.ts'

const FINDINGS = `### W-01

There: It is open.  
Here: It is closed.

### W-02

There: It is half open.
Here: It is closed.

### W-03

There: It was never looked at.
`

const result = (
  file: string,
  ...tests: readonly (readonly [string, string])[]
): JestResult['testResults'][number] => ({
  name: `/somewhere/${file}.test.ts`,
  status: 'passed',
  assertionResults: tests.map(([fullName, status]) => ({ fullName, status })),
})

describe('the table of weaknesses', () => {
  const table = tableOf(FINDINGS, {
    testResults: [
      result('published', ['W-01, W-02 both', 'passed'], ['W-02 the rest', 'failed']),
      result('an-attack', ['holds', 'passed'], ['holds on W-01', 'passed']),
      result('another', ['does not run', 'pending']),
      { name: '/somewhere/broken.test.ts', status: 'failed', assertionResults: [] },
    ],
  })

  test('has a row for each, and says what is open and what nobody tests', () => {
    expect(table).toEqual([
      { id: 'W-01', weakness: 'It is open.', tests: 1, state: 'closed' },
      { id: 'W-02', weakness: 'It is half open.', tests: 2, state: 'open' },
      { id: 'W-03', weakness: 'It was never looked at.', tests: 0, state: 'untested' },
      { id: 'an-attack', weakness: '', tests: 2, state: 'closed' },
      { id: 'another', weakness: '', tests: 1, state: 'open' },
      { id: 'broken', weakness: '', tests: 1, state: 'open' },
    ])
  })

  test('ends with its sum', () => {
    expect(tableText(table)).toMatch(/\n2 closed, 3 open, 1 untested$/)
  })
})

test('every weakness of the findings has a test', () => {
  const titles = execFileSync(
    'git',
    ['grep', '-hoE', '--untracked', "'(W-[0-9]{2}(, )?)+", '--', 'test/weaknesses'],
    { encoding: 'utf8' },
  )
  const tested = new Set(titles.match(/W-\d\d/g))
  const known = readFileSync('docs/spec/findings.md', 'utf8').match(/^### W-\d\d/gm) ?? []
  expect(known.map((heading) => heading.slice(4)).filter((id) => !tested.has(id))).toEqual([])
})
