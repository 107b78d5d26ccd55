import { execFileSync } from 'node:child_process'

const TYPES = 'feat|fix|refactor|perf|test|docs|build|style'
const SUBJECT = new RegExp(`^(?:${TYPES})(?:\\([a-z0-9-]+\\))?: [^A-Z].*[^.]$`)
/** The first commit that was written when this was the rule. */
const SINCE = 'refactor: give issuer, cli, node sdk and testkit rooms'

/** Whether a commit's first line says what kind of change it is, in which part, in 60 characters. */
const isSubject = (text: string) => text.length <= 60 && SUBJECT.test(text)

describe('commits', () => {
  test('have subjects of one form', () => {
    const log = execFileSync('git', ['log', '--no-merges', '--format=%s'], { encoding: 'utf8' })
    const subjects = log.trim().split('\n')
    const since = subjects.indexOf(SINCE)
    // A shallow clone has no more than the newest.
    const own = since < 0 ? subjects.slice(0, 1) : subjects.slice(0, since + 1)
    expect(own.filter((subject) => !isSubject(subject))).toEqual([])
  })

  test.each([
    'Fix(cli): x',
    'fix(cli): End',
    'fix(cli): end.',
    'fix cli: end',
    `fix(cli): ${'x'.repeat(60)}`,
    'wip',
  ])('a subject such as "%s" is found', (subject) => {
    expect(isSubject(subject)).toBe(false)
  })
})
