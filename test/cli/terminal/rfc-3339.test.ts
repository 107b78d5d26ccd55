import { parseRfc3339 } from '../../../cli/terminal/rfc-3339.ts'
import { readInstant } from '../../../cli/token/instant.ts'

describe('parseRfc3339', () => {
  test.each([
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['2026-11-24t03:00:00.5z', '2026-11-24T03:00:00.500Z'],
    ['2026-11-24T03:00:00+01:00', '2026-11-24T02:00:00.000Z'],
  ])('takes %s', (text, instant) => {
    expect(new Date(parseRfc3339(text) ?? 0).toISOString()).toBe(instant)
  })

  test.each([
    '2026-02-30T03:00:00Z',
    '2027-02-29T03:00:00Z',
    '2026-04-31T03:00:00Z',
    '2026-11-24T24:00:00Z',
    '2026-11-24T03:60:00Z',
    '2026-11-24T03:00:00',
  ])('knows no %s, nor does any option that takes an instant', (text) => {
    expect(parseRfc3339(text)).toBeUndefined()
    expect(() => readInstant(text)).toThrow('RFC 3339')
  })
})
