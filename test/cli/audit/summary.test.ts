import { readAuditLine } from '../../../cli/audit/read-audit-line.ts'
import { Summary } from '../../../cli/audit/summary/summary.ts'
import { summaryText } from '../../../cli/audit/summary/summary-text.ts'
import { DISTINCT_KEYS } from '../../../cli/audit/summary/tally.ts'
import { auditLine } from './lines.ts'

function summaryOf(...events: readonly Parameters<typeof auditLine>[0][]): Summary {
  const summary = new Summary()
  for (const event of events) {
    const reading = readAuditLine(auditLine(event))
    if (typeof reading === 'string') throw new TypeError(`a ${reading} line`)
    summary.add(reading)
  }
  return summary
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

describe('Summary', () => {
  test('lists those who are not ready first, then the most frequent', () => {
    const { subjects, routes } = summaryOf(
      ...times(9, { event: 'allow', sub: 'svc://busy', route: 'a' }),
      ...times(3, { sub: 'svc://refused', route: 'b' }),
      ...times(2, { sub: 'svc://late', route: 'c', enforced: false }),
      { sub: 'svc://last', route: 'd', enforced: false },
    ).counts()
    expect(subjects.map(({ sub }) => sub)).toEqual([
      'svc://late',
      'svc://last',
      'svc://busy',
      'svc://refused',
    ])
    expect(routes.map(({ route }) => route)).toEqual(['c', 'd', 'a', 'b'])
    expect(subjects[0]).toEqual({
      sub: 'svc://late',
      verified: true,
      not_enforced: 2,
      refused: 0,
      allowed: 0,
    })
  })

  test('counts steps and reasons of denials only', () => {
    const { steps, reasons, outcomes, decisions } = summaryOf(
      { event: 'allow', step: 14, reason: undefined },
      { step: undefined, reason: 'authorization_missing' },
      ...times(2, {}),
    ).counts()
    expect(steps).toEqual([
      { step: 13, count: 2 },
      { step: null, count: 1 },
    ])
    expect(reasons).toEqual([
      { reason: 'jti_replay', count: 2 },
      { reason: 'authorization_missing', count: 1 },
    ])
    expect(outcomes).toEqual({ not_enforced: 0, refused: 3, allowed: 1 })
    expect(decisions).toBe(4)
  })

  test('tells a proven subject from one that anybody wrote', () => {
    const { subjects } = summaryOf({}, { verified: false }).counts()
    expect(subjects.map(({ sub, verified }) => [sub, verified])).toEqual([
      ['agent://ci/bot', true],
      ['agent://ci/bot', false],
    ])
  })

  test('finds first and last instant in any order of lines', () => {
    const ts = (minute: number) => ({ ts: `2026-11-24T03:0${minute}:00.000Z` })
    expect(summaryOf(ts(5), ts(1), ts(9)).counts()).toMatchObject({
      from: '2026-11-24T03:01:00.000Z',
      until: '2026-11-24T03:09:00.000Z',
    })
  })

  test('keeps room for proven subjects under a flood of invented ones', () => {
    const flood = Array.from({ length: DISTINCT_KEYS + 5 }, (_, at) => ({
      sub: `agent://invented/${at}`,
      verified: false,
    }))
    const { subjects, uncounted, decisions } = summaryOf(...flood, { sub: 'svc://real' }).counts()
    expect(subjects).toHaveLength(DISTINCT_KEYS + 1)
    expect(subjects.some(({ sub }) => sub === 'svc://real')).toBe(true)
    expect([uncounted.subjects, decisions]).toEqual([5, DISTINCT_KEYS + 6])
    expect(summaryText(summaryOf(...flood).counts(), 1, false)).toContain(
      `  … and ${DISTINCT_KEYS - 1} more\n  … and 5 decisions of still others\n`,
    )
  })

  test('prints nothing that acts on a terminal', () => {
    const sub = '\u001b[2J\u202e\n 9  9  9  yes  svc://x'
    const text = summaryText(summaryOf({ sub, verified: false }).counts(), 10, false)
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    expect(text).toContain('0       1        0        no  \\u001b[2J\\u202e\\u000a 9')
  })
})
