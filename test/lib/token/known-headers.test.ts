import { KnownHeaders } from '../../../lib/token/known-headers.ts'

const HEADER = { typ: 'om+jwt', alg: 'EdDSA', kid: 'k', critical: false }

describe('the headers that were found good', () => {
  test('are known by their very text', () => {
    const known = new KnownHeaders()
    known.add('eyJ', HEADER)
    expect(known.get('eyJ')).toBe(HEADER)
    expect(known.get('eyK')).toBeUndefined()
  })

  test('are bounded in number, and the oldest makes way', () => {
    const known = new KnownHeaders()
    for (let at = 0; at < 1000; at++) known.add(`header ${at}`, HEADER)
    expect(known.size).toBe(256)
    expect(known.get('header 743')).toBeUndefined()
    expect(known.get('header 744')).toBe(HEADER)
  })

  test('are bounded in length', () => {
    const known = new KnownHeaders()
    known.add('x'.repeat(513), HEADER)
    expect(known.size).toBe(0)
  })
})
