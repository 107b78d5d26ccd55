import { readFileSync } from 'node:fs'
import { version } from '../../package.json'
import { releaseDate } from '../../release/release-date.ts'

describe('the date of a release', () => {
  test('is the one of its heading in the changelog', () => {
    const changelog = '# Changelog\n\n## 1.2.0 (2026-11-26)\n\n- x\n\n## 1.1.0 (2026-01-02)\n'
    expect(releaseDate(changelog, '1.1.0')).toBe('2026-01-02T00:00:00Z')
  })

  test.each(['## 1.2.0 (unreleased)', '## 1.2.0', '## 11.2.0 (2026-11-26)', ''])(
    'is asked for where there is none: %j',
    (changelog) => {
      expect(() => releaseDate(changelog, '1.2.0')).toThrow('"## 1.2.0 (yyyy-mm-dd)"')
    },
  )

  test('is known of this version', () => {
    expect(releaseDate(readFileSync('docs/changelog.md', 'utf8'), version)).toMatch(/^\d{4}-/)
  })
})
