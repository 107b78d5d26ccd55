import fc from 'fast-check'
import { decodeBase64url, encodeBase64url } from '../../../lib/token/base64url.ts'

describe('decodeBase64url', () => {
  test('gives back whatever was encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeBase64url(encodeBase64url(bytes))).toEqual(Buffer.from(bytes))
      }),
    )
  })

  test('accepts no text but the one that encoding gives', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 12 }), (text) => {
        const bytes = decodeBase64url(text)
        expect(bytes === undefined || encodeBase64url(bytes) === text).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test.each(['A', 'AAAAA', 'AA==', 'AA=', 'A+AA', 'A/AA', 'AA\n', ' AA', 'AB', 'AAB', 'A\u00e4AA'])(
    'refuses %j',
    (text) => {
      expect(decodeBase64url(text)).toBeUndefined()
    },
  )

  test.each([
    ['', 0],
    ['AA', 1],
    ['AAA', 2],
    ['AAAA', 3],
    ['-_-_', 3],
  ])('reads %j as %i bytes', (text, length) => {
    expect(decodeBase64url(text)).toHaveLength(length)
  })
})
