import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { policyCommand } from '../../../cli/policy/policy-command.ts'
import { runCli } from '../../../cli/terminal/run-cli.ts'
import { mint } from '../../../lib/token/mint.ts'
import { claimsWith } from '../../lib/policy/claims.ts'
import { fakeIo } from '../fake-io.ts'

const POLICY = `{
  "version": 1,
  "issuers": ["https://issuer.example"],
  "audiences": ["https://api.example"],
  "rules": [
    { "name": "frozen", "match": { "act": "*.write" }, "allow": false, "denyReason": "no writes" },
    { "name": "shop", "match": { "sub": "svc://shop/*" }, "allow": true },
    { "name": "default", "allow": false }
  ]
}
`
const PKL = `amends "modulepath:/oathmesh-policy.pkl"
issuers { "https://issuer.example" }
audiences { "https://api.example" }
rules {
  new { name = "shop"; match { sub = "svc://shop/*" }; allow = true }
  new { name = "default"; allow = false }
}
`

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-cli-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

/** Runs `oathmesh policy …`; the folder of the test reads as nothing. */
const run = async (args: string[], stdin = '', color = false) => {
  const io = fakeIo(stdin, color)
  await runCli(new Command('oathmesh').addCommand(policyCommand(io)), ['policy', ...args], io)
  const relative = (text: string) => text.replaceAll(`${folder}/`, '')
  const { stdout, stderr, exitCode } = io.written
  return { stdout: relative(stdout), stderr: relative(stderr), exitCode }
}

describe('oathmesh policy check', () => {
  test('tells how many rules there are, and which version', async () => {
    expect(await run(['check', file('policy.json', POLICY)])).toEqual({
      stdout: expect.stringMatching(
        /^policy\.json: valid, 3 rules, 0 warnings, sha256 [0-9a-f]{64}\n$/,
      ),
      stderr: '',
      exitCode: 0,
    })
  })

  test('reads Pkl', async () => {
    const { stdout, exitCode } = await run(['check', file('policy.pkl', PKL)])
    expect([stdout, exitCode]).toEqual([expect.stringContaining('policy.pkl: valid, 2 rules'), 0])
  })

  test('warns with the line, and fails only when told to', async () => {
    const path = file('policy.json', POLICY.replace('svc://shop/*', '*'))
    const warning =
      'warning policy.json:7 rules[1]: "shop" allows subjects of every kind: "*" is wider than "svc://*"\n'
    expect(await run(['check', path])).toMatchObject({
      stdout: expect.stringContaining(warning),
      exitCode: 0,
    })
    expect((await run(['check', '--strict', path])).exitCode).toBe(1)
  })

  test.each<[string, string, string]>([
    [
      'a misspelt member',
      POLICY.replace('"sub"', '"subject"'),
      'policy.json:7 rules[1].match.subject: unknown member; did you mean "sub"?',
    ],
    [
      'a missing member',
      POLICY.replace('"name": "shop", ', ''),
      'policy.json:7 rules[1]: needs either "name" or "ruleName"',
    ],
    [
      'a missing match',
      POLICY.replace('"match": { "sub": "svc://shop/*" }, ', ''),
      'policy.json:7 rules[1].match: required member missing',
    ],
    [
      'an end that allows',
      POLICY.replace(
        '"default", "allow": false',
        '"default", "match": { "sub": "*" }, "allow": true',
      ),
      'policy.json:8 rules[2].allow: the rule "default" must deny',
    ],
    [
      'no end',
      POLICY.replace('"default"', '"last"'),
      'policy.json:8 rules[2]: the last rule must be named "default" and deny',
    ],
    [
      'a member that stands twice',
      POLICY.replace('"allow": true', '"allow": false, "allow": true'),
      'policy.json:7 rules[1].allow: duplicate member name',
    ],
    ['a comma too many', POLICY.replace('false }\n  ]', 'false },\n  ]'), 'policy.json:9: '],
    ['nothing', '', 'policy.json:1: Unexpected end of JSON input'],
    ['another kind of value', '[]', 'policy.json:1 document: must be object'],
  ])('shows where there is %s', async (_what, text, line) => {
    const { stdout, exitCode } = await run(['check', file('policy.json', text)])
    expect(stdout).toContain(line)
    expect(stdout).toMatch(/\n1 fault: a gateway refuses this policy\n$/)
    expect(exitCode).toBe(1)
  })

  test('shows what Pkl says', async () => {
    const { stdout, exitCode } = await run([
      'check',
      file('policy.pkl', PKL.replace('sub', 'subject')),
    ])
    expect(stdout).toContain('Cannot find property `subject`')
    expect(exitCode).toBe(1)
  })

  test('checks that the policy is for a gateway', async () => {
    const path = file('policy.json', POLICY)
    const fitting = ['--issuer', 'https://b.example', '--issuer', 'https://issuer.example']
    expect(
      (await run(['check', '--audience', 'https://api.example', ...fitting, path])).exitCode,
    ).toBe(0)
    expect(await run(['check', '--audience', 'https://b.example', ...fitting, path])).toMatchObject(
      {
        stdout: expect.stringContaining('policy.json:4 audiences: "https://b.example", which this'),
        exitCode: 1,
      },
    )
    const foreign = ['--audience', 'https://api.example', '--issuer', 'https://b.example']
    expect(await run(['check', ...foreign, path])).toMatchObject({
      stdout: expect.stringContaining('policy.json:3 issuers[0]: "https://issuer.example" is not'),
      exitCode: 1,
    })
  })

  test('prints JSON', async () => {
    const good = await run(['check', '--json', file('good.json', POLICY)])
    expect(JSON.parse(good.stdout)).toMatchObject({ valid: true, rules: 3, warnings: [] })
    const bad = await run(['check', '--json', file('bad.json', POLICY.replace('"sub"', '"sbu"'))])
    expect(JSON.parse(bad.stdout)).toMatchObject({
      valid: false,
      faults: [
        { path: 'rules[1].match.sbu', line: 7, message: 'unknown member; did you mean "sub"?' },
      ],
    })
    expect([good.exitCode, bad.exitCode]).toEqual([0, 1])
  })

  test.each<[string, string[], string]>([
    ['a file that is not there', ['nowhere.json'], 'nowhere.json: no such file'],
    ['another ending', ['policy.yaml'], 'policy.yaml: must end in .json or .pkl'],
    ['half a gateway', ['--audience', 'a', 'policy.json'], '--audience and --issuer go together'],
    ['no file', [], "missing required argument 'file'"],
  ])('is used wrongly with %s', async (_what, args, message) => {
    expect(await run(['check', ...args])).toEqual({
      stdout: '',
      stderr: expect.stringContaining(message),
      exitCode: 2,
    })
  })

  test('lets no name steer a terminal, and finds its line', async () => {
    const path = file('policy.json', POLICY.replace('"sub"', String.raw`"\u001b[2J\u202e"`))
    const { stdout } = await run(['check', path], '', true)
    expect(stdout).toContain(String.raw`\u001b[2J\u202e: unknown member`)
    const line = POLICY.slice(0, POLICY.indexOf('"sub"')).split('\n').length
    expect(stdout).toContain(`policy.json:${line} rules[`)
  })

  test.each(['', '[', 'a[b', 'a.[', 'x'.repeat(100)])('places a member called %j', async (name) => {
    const path = file('policy.json', POLICY.replace('"sub"', JSON.stringify(name)))
    const { stdout } = await run(['check', path])
    expect(stdout).toMatch(/policy\.json:\d+ rules\[\d\]\.match\.\S+: unknown member/)
  })
})

describe('oathmesh policy test', () => {
  const CASES = {
    defaults: { sub: 'svc://shop/a' },
    cases: [
      {
        name: 'the shop reads',
        claims: { act: 'orders.read' },
        expect: { allow: true, rule: 'shop' },
      },
      {
        name: 'nobody writes',
        claims: { act: 'orders.write' },
        expect: { allow: false, rule: 'frozen' },
      },
      {
        name: 'others do not',
        claims: { sub: 'svc://b', act: 'x' },
        expect: { allow: false, rule: 'default' },
      },
    ],
  }
  const casesWith = (...more: unknown[]) =>
    file('cases.json', JSON.stringify({ ...CASES, cases: [...CASES.cases, ...more] }))

  test('passes when every case is as expected', async () => {
    expect(await run(['test', file('policy.json', POLICY), casesWith()])).toEqual({
      stdout: 'ok   the shop reads\nok   nobody writes\nok   others do not\n3 cases, 0 failed\n',
      stderr: '',
      exitCode: 0,
    })
  })

  test.each([
    ['outcome', { allow: false, rule: 'shop' }],
    ['rule', { allow: true, rule: 'other' }],
  ])('fails when another %s is expected', async (_what, expected) => {
    const failing = { name: 'it', claims: { act: 'orders.read' }, expect: expected }
    const { stdout, exitCode } = await run([
      'test',
      file('policy.json', POLICY),
      casesWith(failing),
    ])
    const outcome = `${expected.allow ? 'allow' : 'deny'} by "${expected.rule}"`
    expect(stdout).toContain(`FAIL it: expected ${outcome}, got allow by "shop"\n`)
    expect(stdout).toContain('4 cases, 1 failed\n')
    expect(exitCode).toBe(1)
  })

  test('names the rules that no case has reached', async () => {
    const cases = file('cases.json', JSON.stringify({ ...CASES, cases: CASES.cases.slice(0, 1) }))
    const { stdout, exitCode } = await run(['test', file('policy.json', POLICY), cases])
    expect(stdout).toContain('no case decided by: "frozen", "default"\n')
    expect(exitCode).toBe(0)
  })

  test('takes the cases from standard input, and prints JSON', async () => {
    const path = file('policy.json', POLICY)
    const { stdout } = await run(['test', '--json', path, '-'], JSON.stringify(CASES))
    expect(JSON.parse(stdout)).toMatchObject({
      results: [{ name: 'the shop reads', passed: true }, { passed: true }, { passed: true }],
      unused: [],
    })
  })

  test('fails on a policy that is refused', async () => {
    const { stdout, exitCode } = await run(['test', file('policy.json', '{}'), casesWith()])
    expect(stdout).toContain('4 faults: a gateway refuses this policy')
    expect(exitCode).toBe(1)
  })

  test.each<[string, string, string]>([
    ['no JSON', '{"cases": [}', 'cases.json:1: '],
    ['no case', '{"cases": []}', 'cases.json:1 cases: must NOT have fewer than 1 items'],
    [
      'a misspelt claim',
      '{"cases": [\n{"name": "a", "claims": {"subject": "x"}, "expect": {"allow": true, "rule": "a"}}]}',
      'cases.json:2 cases[0].claims.subject: unknown member; did you mean "sub"?',
    ],
    [
      'no expected rule',
      '{"cases": [{"name": "a", "claims": {}, "expect": {"allow": true}}]}',
      'cases.json:1 cases[0].expect.rule: required member missing',
    ],
    [
      'no action',
      '{"cases": [{"name": "a", "claims": {"sub": "x"}, "expect": {"allow": true, "rule": "a"}}]}',
      'claims: "act" is needed',
    ],
  ])('is used wrongly with a table that has %s', async (_what, text, message) => {
    const args = ['test', file('policy.json', POLICY), file('cases.json', text)]
    expect(await run(args)).toEqual({
      stdout: '',
      stderr: expect.stringContaining(message),
      exitCode: 2,
    })
  })
})

describe('oathmesh policy explain', () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  const token = mint(claimsWith({ act: 'orders.write' }), { kid: 'k', privateKey })

  test('shows what each rule says to a call', async () => {
    const claims = JSON.stringify({ sub: 'svc://b', act: 'orders.read' })
    expect(await run(['explain', file('policy.json', POLICY), '--claims', claims])).toEqual({
      stdout: `svc://b orders.read: denied by "default"

  rules[0] frozen (deny): does not match
      act is "orders.read", not "*.write"
  rules[1] shop (allow): does not match
      sub is "svc://b", not "svc://shop/*"
> rules[2] default (deny): decides
`,
      stderr: '',
      exitCode: 1,
    })
  })

  test.each<[string, string[], string]>([
    ['as an argument', ['--token', token], ''],
    ['from standard input', ['--token', '-'], `${token}\n`],
    ['with its scheme', ['--token', '-'], `OathMesh ${token}`],
  ])('takes a token %s', async (_how, args, stdin) => {
    const result = await run(['explain', file('policy.json', POLICY), ...args], stdin)
    expect(result.stdout).toContain('svc://shop/checkout orders.write: denied by "frozen"\n')
    expect(result.stdout).toContain('> rules[0] frozen (deny): decides\n      no writes\n')
    expect(result.stderr).toBe('The signature has not been verified.\n')
    expect(result.exitCode).toBe(1)
  })

  test('ends with 0 when the call is allowed', async () => {
    const claims = JSON.stringify({ sub: 'svc://shop/a', act: 'orders.read' })
    const { stdout, exitCode } = await run(
      ['explain', '--json', file('policy.json', POLICY), '--claims', '-'],
      claims,
    )
    expect(JSON.parse(stdout)).toMatchObject({
      decision: { allow: true, rule: 'shop' },
      rules: [{ outcome: 'does_not_match' }, { outcome: 'decides' }, { outcome: 'not_reached' }],
    })
    expect(exitCode).toBe(0)
  })

  test('says when the call is not for this policy', async () => {
    const claims = JSON.stringify({ sub: 'svc://shop/a', act: 'x', iss: 'https://b.example' })
    const { stdout } = await run(['explain', file('policy.json', POLICY), '--claims', claims])
    expect(stdout).toContain('  Not for this policy: "https://b.example" is not in issuers\n')
  })

  test.each<[string, string[], string]>([
    ['neither token nor claims', [], 'give either --token or --claims'],
    ['both', ['--token', 'a', '--claims', '{}'], 'give either --token or --claims'],
    ['no token', ['--token', 'a.b'], '--token: not three segments of base64url'],
    ['a token of something else', ['--token', 'a.YWJj.c'], '--token: not a JSON object'],
    ['claims of another type', ['--claims', '{"sub": 1}'], '--claims: sub is not a string'],
    ['claims without an action', ['--claims', '{"sub": "svc://a"}'], 'claims: "act" is needed'],
  ])('is used wrongly with %s', async (_what, args, message) => {
    const result = await run(['explain', file('policy.json', POLICY), ...args])
    expect(result).toMatchObject({ stdout: '', exitCode: 2 })
    expect(result.stderr).toContain(message)
  })
})
