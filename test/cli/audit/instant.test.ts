import { parseInstant } from '../../../cli/audit/instant.ts'

const NOW = Date.parse('2026-11-24T12:00:00Z')

describe('parseInstant', () => {
  test.each([
    ['90s', '2026-11-24T11:58:30.000Z'],
    ['15m', '2026-11-24T11:45:00.000Z'],
    ['36h', '2026-11-23T00:00:00.000Z'],
    ['7d', '2026-11-17T12:00:00.000Z'],
    ['2026-11-24T03:00:00Z', '2026-11-24T03:00:00.000Z'],
    ['2026-11-24t03:00:00.5z', '2026-11-24T03:00:00.500Z'],
    ['2026-11-24T03:00:00+01:00', '2026-11-24T02:00:00.000Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('takes %s', (text, instant) => {
    expect(new Date(parseInstant(text, NOW)).toISOString()).toBe(instant)
  })

  test.each([
    '',
    '15',
    'm',
    '-15m',
    '1.5h',
    '15 m',
    '1w',
    'yesterday',
    '2026-11-24',
    '2026-11-24T03:00:00',
    '2026-11-24 03:00:00Z',
    '2026-02-30T03:00:00Z',
    '2026-13-01T03:00:00Z',
    '2026-11-24T24:00:00Z',
    '2026-11-24T03:00:00+99:00',
  ])('refuses "%s"', (text) => {
    expect(() => parseInstant(text, NOW)).toThrow('Expected RFC 3339')
  })
})
