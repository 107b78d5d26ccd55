import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileDocument } from '../../../lib/policy/document.ts'
import { loadDocument } from '../../../lib/policy/load-document.ts'
import { PolicyFile } from '../../../lib/policy/policy-file.ts'
import { silentLog } from '../../../lib/ports/log.ts'
import { parseConfig } from '../../../schema/parse-config.ts'
import { readPolicy } from '../../../schema/read-policy.ts'
import { until } from '../../../testkit/redis-server.ts'
import { BASE_CONFIG } from '../../../testkit/vectors.ts'
import { claimsWith } from '../../lib/policy/claims.ts'

const SCOPE = { audience: 'https://api.example', issuers: ['https://issuer.example'] }
const folder = mkdtempSync(join(tmpdir(), 'oathmesh-published-'))
afterAll(() => rmSync(folder, { recursive: true }))

const documentWith = (match: object, more: object = {}) => ({
  version: 1,
  issuers: SCOPE.issuers,
  audiences: [SCOPE.audience],
  rules: [
    { name: 'first', match, allow: true, ...more },
    { name: 'default', allow: false },
  ],
})

/** Whether a policy with this subject alone lets a subject pass. */
function allows(pattern: string, subject: string): boolean {
  const reading = readPolicy(documentWith({ sub: pattern }))
  if ('faults' in reading) throw new TypeError(reading.faults.join('; '))
  return compileDocument(reading.document).decide(claimsWith({ sub: subject })).allow
}

test('W-02 there is no policy by leaving it out', () => {
  const { policy: _, ...without } = BASE_CONFIG
  expect(() => parseConfig(without)).toThrow('policy')
  expect(() => parseConfig({ ...without, policy: {} })).toThrow('policy')
  expect(() => parseConfig({ ...without, policy: { rules: [] } })).toThrow('policy.rules')
})

test.each([
  ['a condition with a typo', documentWith({ sub: 'svc://a', subb: 'x' })],
  ['a member beside the match', documentWith({ sub: 'svc://a' }, { mach: { act: 'x' } })],
  ['a match that says nothing', documentWith({})],
  ['no match at all', { ...documentWith({}), rules: [{ name: 'all', allow: true }] }],
  ['a member of the document', { ...documentWith({ sub: 'svc://a' }), ruels: [] }],
])('W-16 %s does not widen a policy: it is refused', (_, document) => {
  const load = () => {
    const reading = readPolicy(document)
    if ('faults' in reading) throw new TypeError(reading.faults.join('; '))
    return compileDocument(reading.document)
  }
  expect(load).toThrow(/rules|ruels/)
})

test('W-17 a second star is a star', () => {
  expect(allows('svc://*/prod/*', 'svc://shop/prod/web')).toBe(true)
  expect(allows('svc://*/prod/*', 'svc://shop/test/web')).toBe(false)
})

test('W-18 a pattern is no regular expression', () => {
  expect(allows('svc://a.c', 'svc://abc')).toBe(false)
  expect(allows('svc://(a+)+$', 'svc://aaaa')).toBe(false)
  expect(allows('svc://a|svc://b', 'svc://b')).toBe(false)
})

describe('W-19', () => {
  const rules = `rules {
    new { name = NAME; match { sub = "svc://*" }; allow = true }
    new { name = "default"; allow = false }
  }`
  const head = `amends "modulepath:/oathmesh-policy.pkl"
issuers { "https://issuer.example" }
audiences { "https://api.example" }
`
  const load = (name: string) => {
    const path = join(folder, 'policy.pkl')
    writeFileSync(path, head + rules.replace('NAME', name))
    return loadDocument(path, readPolicy)
  }

  test('a policy in Pkl amends the shipped schema and decides', async () => {
    const { document } = await load('"first"')
    expect(compileDocument(document).decide(claimsWith()).rule).toBe('first')
  })

  test('and reads no environment variable', async () => {
    await expect(load('read("env:HOME")')).rejects.toThrow('Refusing to read resource')
  })
})

test('W-22 a file that is replaced, as editors and ConfigMaps do, is read anew each time', async () => {
  const path = join(folder, 'policy.json')
  const replace = (name: string) => {
    const text = JSON.stringify(documentWith({ sub: 'svc://*' })).replace('first', name)
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  }
  replace('one')
  const file = new PolicyFile({ path, scope: SCOPE, read: readPolicy, log: silentLog })
  await file.loading
  for (const name of ['two', 'three', 'four']) {
    replace(name)
    await until(async () => file.decide(claimsWith()).rule === name, 5000)
  }
  await file.close()
})
