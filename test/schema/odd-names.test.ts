import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { escapeControls } from '../../lib/escape-controls.ts'
import { parseJwkSet } from '../../lib/keys/jwk-set.ts'
import { compileDocument } from '../../lib/policy/document.ts'
import { loadDocument } from '../../lib/policy/load-document.ts'
import { ConfigFaults } from '../../schema/config-faults.ts'
import { parseConfig } from '../../schema/parse-config.ts'
import { readIssuerConfig } from '../../schema/read-issuer-config.ts'
import { readPolicy } from '../../schema/read-policy.ts'
import { readPolicyCases } from '../../schema/read-policy-cases.ts'
import { withoutControls } from '../../schema/without-controls.ts'
import { KEYS, publicJwk } from '../../testkit/keys.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { FAULT } from '../fuzz/fuzz-target.ts'

const NAMES = [
  'a\u001b[2J\nb',
  '\u202e',
  '\u2028',
  '\u0085',
  '\u{e0041}',
  '',
  '{}',
  'x'.repeat(1e5),
]

const policy = (more: object, rule: object = {}) => ({
  version: 1 as const,
  issuers: ['https://issuer.example'],
  audiences: ['https://api.example'],
  rules: [
    { name: 'a', match: { sub: '*' }, allow: true, ...rule },
    { name: 'default', allow: false },
  ],
  ...more,
})

const faultsOf = (reading: object): readonly string[] =>
  'faults' in reading ? (reading.faults as readonly string[]) : []

function faultsOfConfig(raw: object): readonly string[] {
  try {
    parseConfig(raw)
    return []
  } catch (cause) {
    if (!(cause instanceof ConfigFaults)) throw cause
    return cause.faults
  }
}

const readers: readonly (readonly [string, (name: string) => readonly string[]])[] = [
  ['a policy', (name) => faultsOf(readPolicy(policy({ [name]: 1 })))],
  ['a rule', (name) => faultsOf(readPolicy(policy({}, { match: { [name]: 1 } })))],
  ['a configuration', (name) => faultsOfConfig({ ...BASE_CONFIG, [name]: 1 })],
  ['a record of it', (name) => faultsOfConfig({ ...BASE_CONFIG, keys: { [name]: 1 } })],
  ['the configuration of an issuer', (name) => faultsOf(readIssuerConfig({ [name]: 1 }))],
  ['a map in it', (name) => faultsOf(readIssuerConfig({ oidc: [{ require: { [name]: 1 } }] }))],
  ['a table of cases', (name) => faultsOf(readPolicyCases({ cases: [], [name]: 1 }))],
]

test.each(readers)(
  'a fault names the member of %s on one line, whatever it is called',
  (_, read) => {
    for (const name of NAMES) {
      const faults = read(name)
      expect(faults.length).toBeGreaterThan(0)
      for (const fault of faults) expect(fault).toMatch(FAULT)
      for (const fault of faults) expect(fault.length).toBeLessThan(300)
    }
  },
)

test('the schemas spell what the core spells', () => {
  for (const name of NAMES) expect(withoutControls(name)).toBe(escapeControls(name))
})

test('a control character is spelled as in JSON', () => {
  expect(faultsOf(readPolicy(policy({ 'a\u001b\nb': 1, '': 1 })))).toEqual([
    String.raw`a\u001b\u000ab: unknown member`,
    '"": unknown member',
  ])
})

test('a fault that shows a value shows it on one line', () => {
  const name = 'a\u001b\nb'
  const twice = policy({}, { name })
  twice.rules.unshift({ name, match: { sub: '*' }, allow: true })
  const scope = { audience: 'https://api.example', issuers: [] }
  const foreign = policy({ issuers: [name] })
  for (const compile of [() => compileDocument(twice), () => compileDocument(foreign, scope)]) {
    expect(compile).toThrow(FAULT)
    expect(compile).toThrow(String.raw`a\u001b\u000ab`)
  }
})

test('a policy file that is no JSON is refused on one line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'oathmesh-odd-'))
  const file = join(folder, 'policy.json')
  try {
    writeFileSync(file, '\u001b[2J\n')
    await expect(loadDocument(file, readPolicy)).rejects.toThrow(/^[^\p{Cc}\p{Cf}]+$/u)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('what a JWK set calls its members is in no line about it', () => {
  const jwk = publicJwk(KEYS.trusted)
  for (const name of NAMES) {
    const keys = [
      { ...jwk, [name]: 1, d: 'A' },
      { [name]: 1 },
      { ...jwk, kid: `${name}\n`, kty: name },
    ]
    const { dropped } = parseJwkSet(JSON.stringify({ keys, [name]: 1 }))
    expect(dropped).toHaveLength(3)
    for (const line of dropped) expect(line).toMatch(/^keys\[\d\] [\w ]+$/)
  }
})
