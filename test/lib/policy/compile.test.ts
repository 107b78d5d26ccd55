import fc from 'fast-check'
import { compileEachRule, compileRules } from '../../../lib/policy/compile.ts'
import type { PolicyRule, RuleMatch } from '../../../lib/policy/rule.ts'
import type { Claims } from '../../../lib/token/claims.ts'
import { many } from '../../../testkit/many.ts'
import { claimsWith } from './claims.ts'

describe('policy rules', () => {
  test.each<[string, RuleMatch, Partial<Claims>, boolean]>([
    ['a subject by glob', { sub: 'svc://shop/*' }, {}, true],
    ['another subject', { sub: 'svc://shop' }, {}, false],
    ['an action by glob', { act: '*.read' }, {}, true],
    ['an issuer', { iss: 'https://issuer.example' }, {}, true],
    ['an audience', { aud: 'https://other.example' }, {}, false],
    ['an environment', { env: 'prod' }, { env: 'prod' }, true],
    ['an environment by glob', { env: 'prod-*' }, { env: 'prod-eu' }, true],
    ['an absent environment', { env: 'prod' }, {}, false],
    ['any tenant', { tenant: '*' }, { tenant: 'acme' }, true],
    ['any tenant where there is none', { tenant: '*' }, {}, false],
    ['one scope of several', { scope: ['a'] }, { scope: ['b', 'a'] }, true],
    ['more scopes than the token has', { scope: ['a', 'b'] }, { scope: ['a'] }, false],
    ['a scope where there is none', { scope: ['a'] }, {}, false],
    ['a scope literally', { scope: ['*'] }, { scope: ['a'] }, false],
    [
      'a source',
      { src: { type: 'github_actions', repo: 'acme/*' } },
      { src: { type: 'github_actions', repo: 'acme/shop' } },
      true,
    ],
    [
      'a part of the source that is absent',
      { src: { repo: '*' } },
      { src: { type: 'k8s' } },
      false,
    ],
    ['a source where there is none', { src: { workflow: 'x' } }, {}, false],
    ['all of its members', { sub: 'svc://shop/*', act: 'orders.write' }, {}, false],
  ])('match %s', (_what, match, claims, expected) => {
    const policy = compileRules([{ name: 'it', match, allow: true }])
    expect(policy.decide(claimsWith(claims))).toEqual(
      expected ? { allow: true, rule: 'it' } : { allow: false, rule: 'default' },
    )
  })

  test('are asked from top to bottom, and the first that matches decides', () => {
    const policy = compileRules([
      { name: 'no writes', match: { act: '*.write' }, allow: false },
      { name: 'shop', match: { sub: 'svc://shop/*' }, allow: true },
      { name: 'shop again', match: { sub: 'svc://shop/*' }, allow: false },
    ])
    expect(policy.decide(claimsWith())).toEqual({ allow: true, rule: 'shop' })
    expect(policy.decide(claimsWith({ act: 'orders.write' })).rule).toBe('no writes')
    expect(policy.decide(claimsWith({ sub: 'job://x' })).rule).toBe('default')
  })

  test('may end in a default that denies', () => {
    const policy = compileRules([{ name: 'default', match: {}, allow: false }])
    expect(policy.decide(claimsWith())).toEqual({ allow: false, rule: 'default' })
  })

  const some: PolicyRule = { name: 'some', match: { sub: '*' }, allow: true }
  test.each<[string, PolicyRule[], string]>([
    ['none at all', [], 'policy.rules: needs at least one rule'],
    [
      'a name used twice',
      [some, some],
      'policy.rules[1].name: "some" already names policy.rules[0]',
    ],
    ['an empty name', [{ ...some, name: '' }], 'policy.rules[0].name: must not be empty'],
    [
      'an allow rule without match',
      [{ name: 'all', allow: true }],
      'policy.rules[0].match: a rule that allows must say what it matches',
    ],
    [
      'an allow rule with an empty match',
      [{ name: 'all', match: { src: {} }, allow: true }],
      'policy.rules[0].match: a rule that allows must say what it matches',
    ],
    [
      'a default that is not last',
      [{ name: 'default', allow: false }, some],
      'policy.rules[0]: the rule "default" must be the last one',
    ],
    [
      'a default that allows',
      [{ ...some, name: 'default' }],
      'policy.rules[0].allow: the rule "default" must deny',
    ],
    [
      'a default with a match',
      [{ ...some, name: 'default', allow: false }],
      'policy.rules[0].match: the rule "default" matches every call and takes no match',
    ],
    [
      'an empty pattern',
      [some, { name: 'x', match: { sub: '' }, allow: true }],
      'policy.rules[1].match.sub: must not be empty',
    ],
    [
      'an empty list of scopes',
      [{ name: 'x', match: { scope: [] }, allow: true }],
      'policy.rules[0].match.scope: must name at least one scope, none of them empty',
    ],
  ])('are refused for %s', (_fault, rules, message) => {
    expect(() => compileRules(rules)).toThrow(new TypeError(message))
  })

  test('are refused by the path they stand at', () => {
    expect(() => compileRules([], 'rules')).toThrow('rules: needs at least one rule')
  })

  test('decide as if every rule were asked in turn', () => {
    fc.assert(
      fc.property(
        fc.array(anyRule, { minLength: 1, maxLength: 40 }),
        anyClaims,
        (rules, claims) => {
          const named = rules.map((rule, at) => ({ ...rule, name: `r${at}` }))
          const inTurn = compileEachRule(named).find(({ conditions }) =>
            conditions.every((condition) => condition.holds(claims)),
          )
          expect(compileRules(named).decide(claims)).toEqual(inTurn?.decision)
        },
      ),
      { numRuns: many(2000) },
    )
  })
})

const word = fc.constantFrom('a', 'b', 'ab', 'abc', 'ba')
const pattern = fc.constantFrom('*', 'a', 'a*', 'ab', 'ab*', '*b', 'a*c', 'b*', '**')
const anyMatch = fc.record(
  {
    sub: pattern,
    act: pattern,
    env: pattern,
    scope: fc.array(word, { minLength: 1, maxLength: 2 }),
    src: fc.record({ type: pattern, repo: pattern }, { requiredKeys: ['repo'] }),
  },
  { requiredKeys: [] },
)
const anyRule = fc
  .record({ match: anyMatch, allow: fc.boolean() })
  .map(({ match, allow }) => ({ match, allow: allow && Object.keys(match).length > 0 }))
const anyClaims = fc
  .record(
    { sub: word, act: word, env: word, scope: fc.array(word), src: fc.record({ repo: word }) },
    { requiredKeys: ['sub', 'act'] },
  )
  .map(claimsWith)
