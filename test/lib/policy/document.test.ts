import { compileDocument, type PolicyDocument } from '../../../lib/policy/document.ts'
import { claimsWith } from './claims.ts'

const DOCUMENT: PolicyDocument = {
  version: 1,
  issuers: ['https://issuer.example'],
  audiences: ['https://api.example'],
  rules: [
    { name: 'all', match: { sub: '*' }, allow: true },
    { name: 'default', allow: false },
  ],
}

describe('policy document', () => {
  test('decides by its rules', () => {
    expect(compileDocument(DOCUMENT).decide(claimsWith())).toEqual({ allow: true, rule: 'all' })
  })

  test.each([
    ['an issuer', { iss: 'https://other.example' }],
    ['an audience', { aud: 'https://other.example' }],
  ])('denies by default what is of %s it is not written for', (_what, claims) => {
    const decision = compileDocument(DOCUMENT).decide(claimsWith(claims))
    expect(decision).toEqual({ allow: false, rule: 'default' })
  })

  test('is accepted where the gateway serves its audience and trusts its issuers', () => {
    const scope = {
      audience: 'https://api.example',
      issuers: ['https://more.example', 'https://issuer.example'],
    }
    expect(compileDocument(DOCUMENT, scope).decide(claimsWith()).allow).toBe(true)
  })

  const [all, byDefault] = DOCUMENT.rules
  const scope = { audience: 'https://api.example', issuers: ['https://issuer.example'] }
  test.each<[string, Partial<PolicyDocument>, string]>([
    [
      'another audience',
      { audiences: ['https://b.example'] },
      'audiences: "https://api.example", which this gateway serves, is not among them',
    ],
    [
      'an issuer that is not trusted',
      { issuers: ['https://issuer.example', 'https://b.example'] },
      'issuers[1]: "https://b.example" is not an issuer that this gateway trusts',
    ],
    [
      'an end other than default',
      { rules: all ? [all] : [] },
      'rules[0]: the last rule must be named "default" and deny',
    ],
    [
      'an end that allows',
      { rules: [{ name: 'default', match: { sub: '*' }, allow: true }] },
      'rules[0].allow: the rule "default" must deny',
    ],
    [
      'a default in the middle',
      { rules: byDefault && all ? [byDefault, all, byDefault] : [] },
      'rules[0]: the rule "default" must be the last one',
    ],
  ])('is refused for %s', (_fault, change, message) => {
    expect(() => compileDocument({ ...DOCUMENT, ...change }, scope)).toThrow(new TypeError(message))
  })
})
