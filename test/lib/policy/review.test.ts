import type { PolicyDocument } from '../../../lib/policy/document.ts'
import { reviewDocument } from '../../../lib/policy/review.ts'
import type { PolicyRule, RuleMatch } from '../../../lib/policy/rule.ts'

const review = (...rules: PolicyRule[]) => {
  const document: PolicyDocument = {
    version: 1,
    issuers: ['https://issuer.example'],
    audiences: ['https://api.example'],
    rules: [...rules, { name: 'default', allow: false }],
  }
  return reviewDocument(document).map(({ path, message }) => `${path} ${message}`)
}
const allow = (name: string, match: RuleMatch): PolicyRule => ({ name, match, allow: true })

describe('review of a policy', () => {
  test('finds nothing in a tidy one', () => {
    expect(
      review(
        { name: 'freeze', match: { act: '*.write' }, allow: false },
        allow('shop', { sub: 'svc://shop/*', act: 'orders.*' }),
        allow('any service reads', {
          sub: 'svc://*',
          act: '*.read',
          iss: 'https://issuer.example',
        }),
      ),
    ).toEqual([])
  })

  test.each<[string, RuleMatch, RuleMatch, boolean]>([
    ['the same', { sub: 'svc://a' }, { sub: 'svc://a' }, true],
    ['a narrower pattern', { sub: 'svc://*' }, { sub: 'svc://a*c' }, true],
    ['a wider pattern', { sub: 'svc://a*' }, { sub: 'svc://*' }, false],
    ['a pattern that overlaps', { sub: 'svc://a*' }, { sub: 'svc://*b' }, false],
    ['more conditions', { sub: 'svc://*' }, { sub: 'svc://a', act: 'x' }, true],
    ['fewer conditions', { sub: 'svc://*', act: 'x' }, { sub: 'svc://a' }, false],
    ['another field', { sub: 'svc://*' }, { sub: 'job://a' }, false],
    ['several stars', { sub: 'svc://*/b*' }, { sub: 'svc://a/*/bc*d' }, true],
    ['more scopes', { sub: 'svc://*', scope: ['a'] }, { sub: 'svc://*', scope: ['b', 'a'] }, true],
    [
      'fewer scopes',
      { sub: 'svc://*', scope: ['a', 'b'] },
      { sub: 'svc://*', scope: ['a'] },
      false,
    ],
    [
      'a narrower source',
      { sub: 'svc://*', src: { repo: 'acme/*' } },
      { sub: 'svc://*', src: { repo: 'acme/x' } },
      true,
    ],
  ])('sees that a rule with %s is or is not unreachable', (_what, earlier, later, expected) => {
    expect(review(allow('one', earlier), allow('two', later))).toEqual(
      expected
        ? ['rules[1] "two" never decides: rules[0] "one" matches whatever it would match']
        : [],
    )
  })

  test('sees rules after one that matches every call', () => {
    expect(review({ name: 'closed', allow: false }, allow('shop', { sub: 'svc://shop' }))).toEqual([
      'rules[1] "shop" never decides: rules[0] "closed" matches whatever it would match',
    ])
  })

  test('sees rules for issuers and audiences that the policy is not for', () => {
    expect(
      review(
        allow('other issuer', { sub: 'svc://a', iss: 'https://b.*' }),
        allow('other audience', { sub: 'svc://b', aud: 'https://b.example' }),
      ),
    ).toEqual([
      'rules[0] "other issuer" never decides: its iss matches none that the policy is for',
      'rules[1] "other audience" never decides: its aud matches none that the policy is for',
    ])
  })

  test.each<[string, RuleMatch, string | undefined]>([
    ['no subject', { act: 'x' }, 'it names no sub'],
    ['any subject', { sub: '*' }, '"*" is wider than "svc://*"'],
    ['a star before the scheme ends', { sub: 's*://a' }, '"s*://a" is wider than "svc://*"'],
    ['one kind of subject', { sub: 'svc://*' }, undefined],
  ])('says how far a rule with %s reaches', (_what, match, message) => {
    expect(review(allow('it', match))).toEqual(
      message === undefined ? [] : [`rules[0] "it" allows subjects of every kind: ${message}`],
    )
  })
})
