import { readFileSync } from 'node:fs'
import { regenerateAll } from '../../docs/generate.ts'
import { REFUSALS } from '../../lib/denial.ts'

describe('the documentation', () => {
  test('is what npm run generate would write', () => {
    regenerateAll((file, page) => expect(readFileSync(file, 'utf8')).toBe(page))
  })

  test.each([...new Set(Object.values(REFUSALS).map(({ code }) => code))])(
    'names %s in the README',
    (code) => {
      expect(readFileSync('README.md', 'utf8')).toContain(code)
    },
  )
})
