import fc from 'fast-check'
import { compileDocument, type PolicyDocument } from '../../../lib/policy/document.ts'
import { explainDocument } from '../../../lib/policy/explain.ts'
import type { PolicyRule } from '../../../lib/policy/rule.ts'
import { claimsWith } from './claims.ts'

const documentOf = (...rules: PolicyRule[]): PolicyDocument => ({
  version: 1,
  issuers: ['https://issuer.example'],
  audiences: ['https://api.example'],
  rules: [...rules, { name: 'default', allow: false }],
})
const DOCUMENT = documentOf(
  { name: 'no writes', match: { act: '*.write', env: 'prod' }, allow: false, denyReason: 'frozen' },
  { name: 'shop', match: { sub: 'svc://shop/*' }, allow: true },
  { name: 'ci', match: { scope: ['deploy'], src: { repo: 'acme/*' } }, allow: true },
)

describe('the explanation of a decision', () => {
  test('names the rule that decides and what keeps the others from it', () => {
    expect(explainDocument(DOCUMENT, claimsWith({ env: 'dev', scope: ['read'] }))).toEqual({
      decision: { allow: true, rule: 'shop' },
      foreign: [],
      rules: [
        {
          name: 'no writes',
          allow: false,
          denyReason: 'frozen',
          outcome: 'does_not_match',
          failed: [
            { field: 'act', wanted: '*.write', actual: 'orders.read' },
            { field: 'env', wanted: 'prod', actual: 'dev' },
          ],
        },
        { name: 'shop', allow: true, outcome: 'decides', failed: [] },
        {
          name: 'ci',
          allow: true,
          outcome: 'not_reached',
          failed: [
            { field: 'src.repo', wanted: 'acme/*', actual: undefined },
            { field: 'scope', wanted: ['deploy'], actual: ['read'] },
          ],
        },
        { name: 'default', allow: false, outcome: 'not_reached', failed: [] },
      ],
    })
  })

  test('says when the policy is not for the issuer or the audience at all', () => {
    const claims = claimsWith({ iss: 'https://b.example', aud: 'https://c.example' })
    const { decision, foreign, rules } = explainDocument(DOCUMENT, claims)
    expect(decision).toEqual({ allow: false, rule: 'default' })
    expect(foreign).toEqual([
      { field: 'issuers', wanted: DOCUMENT.issuers, actual: 'https://b.example' },
      { field: 'audiences', wanted: DOCUMENT.audiences, actual: 'https://c.example' },
    ])
    expect(rules.map(({ outcome }) => outcome)).not.toContain('decides')
  })

  test('agrees with the decision', () => {
    const pattern = fc.constantFrom('a', 'a*', '*b', '*')
    const match = fc.record({ sub: pattern, act: pattern, env: pattern }, { requiredKeys: ['sub'] })
    const rules = fc.array(fc.record({ match, allow: fc.boolean() }), { maxLength: 6 })
    const word = fc.constantFrom('a', 'ab', 'b')
    const claims = fc
      .record({ sub: word, act: word, env: word }, { requiredKeys: ['sub', 'act'] })
      .map(claimsWith)
    fc.assert(
      fc.property(rules, claims, (unnamed, call) => {
        const document = documentOf(...unnamed.map((rule, at) => ({ ...rule, name: `r${at}` })))
        const explanation = explainDocument(document, call)
        const winner = explanation.rules.find(({ outcome }) => outcome === 'decides')
        expect(explanation.decision).toEqual(compileDocument(document).decide(call))
        expect(explanation.decision).toEqual({ allow: winner?.allow, rule: winner?.name })
        expect(winner?.failed).toEqual([])
      }),
    )
  })
})
