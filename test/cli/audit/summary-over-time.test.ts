import { readAuditLine } from '../../../cli/audit/read-audit-line.ts'
import { Durations } from '../../../cli/audit/summary/durations.ts'
import { Summary } from '../../../cli/audit/summary/summary.ts'
import { summaryText } from '../../../cli/audit/summary/summary-text.ts'
import { Timeline } from '../../../cli/audit/summary/timeline.ts'
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

const BEGIN = Date.parse('2026-11-24T00:00:00Z')
const at = (seconds: number) => new Date(BEGIN + seconds * 1000).toISOString()

describe('a summary', () => {
  test('counts by address and by rule', () => {
    const { addresses, rules } = summaryOf(
      { src_ip: '10.0.0.1', rule: 'ci', event: 'allow' },
      { src_ip: '10.0.0.1', rule: 'ci', event: 'allow' },
      { src_ip: '10.0.0.2', rule: 'default', enforced: false },
      {},
    ).counts()
    expect(addresses.map(({ src_ip, allowed }) => [src_ip, allowed])).toEqual([
      ['10.0.0.2', 0],
      ['10.0.0.1', 2],
      [null, 0],
    ])
    expect(rules.map(({ rule }) => rule)).toEqual(['default', 'ci', null])
  })

  test('shows bars on a terminal alone, and percentiles everywhere', () => {
    const counts = summaryOf(...[0, 60, 60, 60, 120].map((seconds) => ({ ts: at(seconds) })), {
      ts: at(0),
      event: 'allow',
      us: 100,
    }).counts()
    const shown = summaryText(counts, 10, true)
    expect(shown).toContain('one column for 5 seconds, from 2026-11-24T00:00')
    expect(shown).toMatch(/denied .*▃ {11}█ {11}▃.* up to 3\n/)
    expect(shown).toMatch(/allowed .*█ {24}.* up to 1\n/)
    const plain = summaryText(counts, 10, false)
    expect(plain).not.toContain('█')
    expect(plain).toMatch(/Microseconds\n {2}half within \d+, 90 % within \d+, .* all within 628\n/)
  })
})

describe('a timeline', () => {
  test('keeps as many buckets as fit, whatever the time and the order of lines', () => {
    const line = new Timeline()
    const seconds = [90 * 86_400, 0, 3600, 45 * 86_400, 3601]
    for (const second of seconds) line.add(at(second), 'refused')
    const { seconds: length, buckets } = line.counts(60)
    expect(buckets.length).toBeLessThanOrEqual(60)
    expect(length).toBe(604_800)
    expect(buckets.reduce((sum, { refused }) => sum + refused, 0)).toBe(seconds.length)
    expect(buckets.at(-1)?.refused).toBe(1)
  })

  test('has seconds where that is enough, and empty buckets between', () => {
    const line = new Timeline()
    line.add(at(0), 'allowed')
    line.add(at(3), 'allowed')
    const { seconds, buckets } = line.counts(60)
    expect([seconds, buckets.map(({ allowed }) => allowed)]).toEqual([1, [1, 0, 0, 1]])
    expect(new Timeline().counts(60)).toEqual({ seconds: 1, buckets: [] })
  })
})

describe('percentiles', () => {
  test('are within two percent of what they are', () => {
    const durations = new Durations()
    for (let us = 1; us <= 10_000; us++) durations.add(us)
    const { p50 = 0, p90 = 0, p99 = 0, max } = durations.percentiles() ?? {}
    for (const [found, exact] of [
      [p50, 5000],
      [p90, 9000],
      [p99, 9900],
    ] as const) {
      expect(Math.abs(found - exact) / exact).toBeLessThan(0.02)
    }
    expect(max).toBe(10_000)
    expect(new Durations().percentiles()).toBeUndefined()
  })

  test('are of a duration that is none as well', () => {
    const durations = new Durations()
    durations.add(0)
    expect(durations.percentiles()).toEqual({ p50: 0, p90: 0, p99: 0, max: 0 })
  })
})
