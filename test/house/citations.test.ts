import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = resolve(__dirname, '../..')
const CITATION = /\b(Spec|Design) (\d+(?:\.\d+)?(?:, \d+(?:\.\d+)?)*)|\b([WC]-\d\d)\b/g

const headings: Readonly<Record<string, ReadonlySet<string>>> = {
  Spec: numbers('docs/spec/protocol.md', /^#{2,3} (\d+(?:\.\d+)?)\b/gm),
  Design: numbers('docs/spec/design.md', /^## (\d+)\b/gm),
  findings: numbers('docs/spec/findings.md', /^### ([WC]-\d\d)$/gm),
}

interface Citation {
  readonly file: string
  readonly of: string
  readonly what: string
}

const citations = tracked().flatMap((file) =>
  citationsIn(file, readFileSync(join(ROOT, file), 'utf8')),
)

describe('citations', () => {
  test('there are some of each document', () => {
    for (const of of ['Spec', 'Design', 'findings']) {
      expect(citations.filter((citation) => citation.of === of).length).toBeGreaterThan(1)
    }
  })

  test('each leads to a heading', () => {
    expect(citations.filter(({ of, what }) => !headings[of]?.has(what))).toEqual([])
  })

  test('a dangling one is found', () => {
    const found = citationsIn('x', 'Spec 99.9, W-99 and Design 4')
    expect(found.filter(({ of, what }) => !headings[of]?.has(what))).toHaveLength(2)
  })

  test('every weakness and contradiction of the published implementation has its entry', () => {
    const expected = [...range('W', 38), ...range('C', 26)]
    expect([...(headings['findings'] ?? [])]).toEqual(expected)
  })
})

function citationsIn(file: string, text: string): readonly Citation[] {
  return [...text.matchAll(CITATION)].flatMap(([, document, sections, finding]) =>
    document === undefined || sections === undefined
      ? [{ file, of: 'findings', what: finding ?? '' }]
      : sections.split(', ').map((what) => ({ file, of: document, what })),
  )
}

function tracked(): string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '*.ts', '*.mjs', '*.lua', '*.json', '*.pkl', '*.md', '*.go', '*.py'],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  )
  const here = 'test/house/citations.test.ts'
  return listed
    .trim()
    .split('\n')
    .filter((file) => file !== 'package-lock.json' && file !== here)
}

function numbers(file: string, pattern: RegExp): ReadonlySet<string> {
  const text = readFileSync(join(ROOT, file), 'utf8')
  return new Set([...text.matchAll(pattern)].map(([, number = '']) => number))
}

function range(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${letter}-${String(at + 1).padStart(2, '0')}`)
}
