import fc from 'fast-check'
import { holdsOurToken } from '../../../lib/gateway/holds-our-token.ts'
import { freshToken } from '../../../testkit/fresh-token.ts'

const encoded = (header: object) => Buffer.from(JSON.stringify(header)).toString('base64url')

describe('a value of Authorization holds a token of ours', () => {
  test.each([
    ['with a type in capitals', `${encoded({ typ: 'OM+JWT' })}.a.b`],
    ['with the type as a media type', `${encoded({ typ: 'application/om+jwt' })}.a.b`],
    [
      'with other members before the type',
      `${encoded({ kid: 'x'.repeat(3000), typ: 'om+jwt' })}.a.b`,
    ],
    ['with padding', `${Buffer.from('{"typ":"om+jwt" }').toString('base64')}.a.b`],
    [
      'with white space in its header',
      `${Buffer.from('{ "typ" :\t"om+jwt"}').toString('base64url')}.a.b`,
    ],
  ])('%s', (_, token) => {
    expect(holdsOurToken(`Bearer ${token}`)).toBe(true)
  })

  test('whatever stands before and behind it', () => {
    const token = freshToken()
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, behind) => {
        expect(holdsOurToken(`${before}${token}${behind}`)).toBe(true)
      }),
    )
  })
})

describe('a value of Authorization holds none', () => {
  test.each([
    ['of two parts', `Bearer ${encoded({ typ: 'om+jwt' })}.a`],
    ['of another type', `Bearer ${encoded({ typ: 'at+jwt' })}.a.b`],
    ['without a type', `Bearer ${encoded({ alg: 'EdDSA' })}.a.b`],
    [
      'whose payload speaks of ours',
      `Bearer ${encoded({ typ: 'JWT' })}.${encoded({ typ: 'om+jwt' })}.b`,
    ],
    ['in an opaque credential', 'Bearer oathmesh-client-1'],
    ['in base64 that spells our scheme', 'Basic xx/oathmesh/xx'],
    ['in nothing', ''],
  ])('%s', (_, value) => {
    expect(holdsOurToken(value)).toBe(false)
  })
})
