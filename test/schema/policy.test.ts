import fc from 'fast-check'
import configSchema from '../../schema/config.schema.json' with { type: 'json' }
import { nearMiss } from '../../schema/near-miss.ts'
import schema from '../../schema/policy.schema.json' with { type: 'json' }
import { readPolicy } from '../../schema/read-policy.ts'

type Json = { [name: string]: unknown }

const byDefault = { name: 'default', allow: false }
const documentWith = (...rules: unknown[]): Json => ({
  version: 1,
  issuers: ['https://issuer.example'],
  audiences: ['https://api.example'],
  rules: [...rules, byDefault],
})
const RULE = {
  name: 'deploy',
  match: {
    sub: 'job://*',
    act: 'deploy.*',
    env: 'prod',
    tenant: 'acme',
    iss: 'https://*',
    aud: '*',
    scope: ['deploy'],
    src: { type: 'github_actions', repo: 'acme/*', workflow: 'deploy.yml' },
  },
  allow: true,
}

const faultsOf = (value: unknown) => {
  const reading = readPolicy(value)
  return 'faults' in reading ? reading.faults : []
}

describe('policy schema', () => {
  test('accepts every member and gives the document back', () => {
    expect(readPolicy(documentWith(RULE))).toEqual({ document: documentWith(RULE) })
  })

  test('takes ruleName for name, and denyReason', () => {
    const rule = { ruleName: 'no writes', match: { act: '*.write' }, allow: false, denyReason: 'x' }
    expect(readPolicy(documentWith(rule))).toEqual({
      document: documentWith({
        name: 'no writes',
        match: { act: '*.write' },
        allow: false,
        denyReason: 'x',
      }),
    })
  })

  const ALLOW = { name: 'x', match: { sub: '*' }, allow: true }
  test.each<[string, unknown, string]>([
    ['no object', [], 'document: must be object'],
    ['a version other than 1', { ...documentWith(), version: 2 }, 'version: must be 1'],
    [
      'a missing list',
      { ...documentWith(), issuers: undefined },
      'issuers: required member missing',
    ],
    ['no rule', { ...documentWith(), rules: [] }, 'rules: must NOT have fewer than 1 items'],
    [
      'neither name nor ruleName',
      documentWith({ match: {}, allow: false }),
      'rules[0]: needs either "name" or "ruleName"',
    ],
    [
      'both name and ruleName',
      documentWith({ ...ALLOW, ruleName: 'y' }),
      'rules[0]: needs either "name" or "ruleName"',
    ],
    [
      'a line break in a name',
      documentWith({ ...ALLOW, name: 'a\nb' }),
      'rules[0].name: must match pattern',
    ],
    [
      'an allow rule without match',
      documentWith({ name: 'x', allow: true }),
      'rules[0].match: required member missing',
    ],
    [
      'an allow rule with an empty match',
      documentWith({ ...ALLOW, match: {} }),
      'rules[0].match: must NOT have fewer than 1 properties',
    ],
    [
      'an allow that is text',
      documentWith({ ...ALLOW, allow: 'true' }),
      'rules[0].allow: must be boolean',
    ],
    [
      'an empty pattern',
      documentWith({ ...ALLOW, match: { sub: '' } }),
      'rules[0].match.sub: must NOT have fewer than 1 characters',
    ],
    [
      'a scope that is text',
      documentWith({ ...ALLOW, match: { scope: 'a' } }),
      'rules[0].match.scope: must be array',
    ],
    [
      'subject',
      documentWith({ ...ALLOW, match: { subject: '*' } }),
      'rules[0].match.subject: unknown member; did you mean "sub"?',
    ],
    [
      'scopes',
      documentWith({ ...ALLOW, match: { scopes: ['a'] } }),
      'rules[0].match.scopes: unknown member; did you mean "scope"?',
    ],
    [
      'source',
      documentWith({ ...ALLOW, match: { source: {} } }),
      'rules[0].match.source: unknown member; did you mean "src"?',
    ],
    [
      'src.repository',
      documentWith({ ...ALLOW, match: { src: { repository: 'a' } } }),
      'rules[0].match.src.repository: unknown member; did you mean "repo"?',
    ],
    [
      'alow',
      documentWith({ ...ALLOW, alow: true }),
      'rules[0].alow: unknown member; did you mean "allow"?',
    ],
    [
      'issuer',
      { ...documentWith(), issuer: 'x' },
      'issuer: unknown member; did you mean "issuers"?',
    ],
    ['a name that resembles nothing', { ...documentWith(), colour: 'x' }, 'colour: unknown member'],
  ])('refuses %s', (_fault, value, fault) => {
    expect(faultsOf(value)).toContainEqual(expect.stringContaining(fault))
  })

  test('says a fault once', () => {
    expect(faultsOf(documentWith({ match: { sub: '*' }, allow: true }))).toEqual([
      'rules[0]: needs either "name" or "ruleName"',
    ])
    expect(faultsOf(documentWith({ name: 'x', allow: true }))).toEqual([
      'rules[0].match: required member missing',
    ])
  })

  test('refuses an unknown member anywhere', () => {
    const places = placesOf(documentWith(RULE))
    expect(places.length).toBeGreaterThanOrEqual(5)
    const name = fc.string({ minLength: 1 }).filter((text) => text !== '$schema' && !isKnown(text))
    fc.assert(
      fc.property(fc.constantFrom(...places), name, (place, unknown) => {
        const value = structuredClone(documentWith(RULE))
        const target = place.reduce((at, step) => at[step] as Json, value)
        Object.defineProperty(target, unknown, { value: 1, enumerable: true })
        expect(faultsOf(value).join()).toContain('unknown member')
      }),
    )
  })

  test('gives back what JSON gives back', () => {
    const text = fc.string({ minLength: 1, maxLength: 64 })
    const name = fc.uuid()
    const match = fc.record(
      {
        sub: text,
        act: text,
        scope: fc.uniqueArray(text, { minLength: 1 }),
        src: fc.record({ repo: text }),
      },
      { requiredKeys: ['sub'] },
    )
    const rule = fc.record({ name, match, allow: fc.boolean() })
    fc.assert(
      fc.property(fc.array(rule), (rules) => {
        const value = documentWith(...rules)
        expect(readPolicy(JSON.parse(JSON.stringify(value)))).toEqual({ document: value })
      }),
    )
  })

  test('describes every member', () => {
    const members = [
      schema,
      schema.$defs.rule,
      schema.$defs.match,
      schema.$defs.match.properties.src,
    ]
      .flatMap(({ properties }) => Object.entries<Json>(properties))
      .filter(([name]) => name !== 'match')
    for (const [name, { description }] of members)
      expect([name, description]).not.toContain(undefined)
  })

  test('matches on the claims that inline rules match on', () => {
    const inline = configSchema.properties.policy.properties.rules.items.properties.match.properties
    expect(Object.keys(inline).toSorted()).toEqual(
      Object.keys(schema.$defs.match.properties).toSorted(),
    )
  })
})

describe('near miss', () => {
  const known = ['sub', 'act', 'env', 'tenant', 'iss', 'aud', 'scope', 'src']
  test.each([
    ['subject', 'sub'],
    ['SUB', 'sub'],
    ['sbu', 'sub'],
    ['action', 'act'],
    ['environment', 'env'],
    ['tennant', 'tenant'],
    ['issuer', 'iss'],
    ['audience', 'aud'],
    ['source', 'src'],
    ['colour', undefined],
    ['', undefined],
  ])('of %p is %p', (name, expected) => {
    expect(nearMiss(name, known)).toBe(expected)
  })
})

/** Paths of all objects within a document. */
function placesOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return []
  const within = Object.entries(value).flatMap(([name, member]) =>
    placesOf(member, [...path, name]),
  )
  return Array.isArray(value) ? within : [path, ...within]
}

function isKnown(name: string): boolean {
  return JSON.stringify(schema).includes(`"${name}"`)
}
