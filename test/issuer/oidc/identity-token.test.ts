import { readIdentityToken } from '../../../issuer/oidc/identity-token.ts'

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** An identity token of exactly so many characters. */
function ofLength(length: number): string {
  const [header, signature] = [part({ alg: 'RS256' }), 'A']
  const claims = Buffer.from(JSON.stringify({ a: '' }).replace('""', `"${'x'.repeat(length)}"`))
  const token = `${header}.${claims.toString('base64url')}.${signature}`
  return token.length <= length ? token : ofLengthBelow(length, token.length - length)
}

function ofLengthBelow(length: number, over: number): string {
  const claims = part({ a: 'x'.repeat(Math.floor(length - over * 0.75) - 100) })
  const token = `${part({ alg: 'RS256' })}.${claims}.`
  return token + 'A'.repeat(Math.max(0, length - token.length))
}

test('an identity token of 16 KiB is read, one of a character more is refused', () => {
  expect(readIdentityToken(ofLength(16_384)).header).toEqual({ alg: 'RS256' })
  expect(ofLength(16_385)).toHaveLength(16_385)
  expect(() => readIdentityToken(ofLength(16_385))).toThrow('oidc_malformed')
})
