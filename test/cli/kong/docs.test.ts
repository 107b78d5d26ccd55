import { readFileSync } from 'node:fs'

const page = readFileSync('docs/guard.md', 'utf8')
const source = readFileSync('cli/kong/lint/finding.ts', 'utf8')

test('docs/guard.md names every finding there is, and no other', () => {
  const documented = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, code]) => code)
  const [union = ''] = /FindingCode =.*?\n\n/s.exec(source) ?? []
  const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code)
  expect(documented.sort()).toEqual(codes.sort())
})
