import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { compileDocument } from '../../../../lib/policy/document.ts'
import { loadDocument } from '../../../../lib/policy/load-document.ts'
import { evaluatePkl } from '../../../../lib/policy/pkl/evaluate-pkl.ts'
import { readPolicy } from '../../../../schema/read-policy.ts'
import { claimsWith } from '../claims.ts'

const HEAD = `amends "modulepath:/oathmesh-policy.pkl"
issuers { "https://issuer.example" }
audiences { "https://api.example" }
`
const RULES = `rules {
  new { name = "shop"; match { sub = "svc://shop/*" }; allow = true }
  new { name = "default"; allow = false }
}
`
/** A policy in which the name of the first rule comes from somewhere. */
const naming = (expression: string, imports = '') =>
  HEAD.replace('\n', `\n${imports}\n`) + RULES.replace('"shop"', expression)

let root: string
let folder: string
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'policy-')))
  folder = join(root, 'policies')
  mkdirSync(folder)
})
afterEach(() => rmSync(root, { recursive: true }))

const write = (name: string, text: string, at = folder) => {
  writeFileSync(join(at, name), text)
  return join(at, name)
}
/** Through the whole way of a policy file. */
const load = async (path: string) => {
  const { document } = await loadDocument(path, readPolicy)
  return compileDocument(document)
}

describe('Pkl policy', () => {
  test('decides like its JSON', async () => {
    const policy = await load(write('policy.pkl', HEAD + RULES))
    expect(policy.decide(claimsWith())).toEqual({ allow: true, rule: 'shop' })
    expect(policy.decide(claimsWith({ sub: 'svc://other' })).rule).toBe('default')
  })

  test('can be computed', async () => {
    const rules = `rules {
  for (team in List("a", "b")) {
    new { name = "team \\(team)"; match { sub = "svc://\\(team)/*"; scope { team } }; allow = true }
  }
  new { name = "default"; allow = false }
}`
    const policy = await load(write('policy.pkl', HEAD + rules))
    expect(policy.decide(claimsWith({ sub: 'svc://b/x', scope: ['b'] })).rule).toBe('team b')
  })

  test('imports modules that lie beside it', async () => {
    write('teams.pkl', 'name = "from beside"')
    const path = write('policy.pkl', naming('teams.name', 'import "teams.pkl"'))
    expect((await load(path)).decide(claimsWith()).rule).toBe('from beside')
  })

  test('may lie in a folder of any name', async () => {
    const odd = join(folder, 'a, b+(c) [d] %2e')
    mkdirSync(odd)
    write('teams.pkl', 'name = "odd"', odd)
    const path = write('policy.pkl', naming('teams.name', 'import "teams.pkl"'), odd)
    expect((await load(path)).decide(claimsWith()).rule).toBe('odd')
  })

  test.each<[string, string, string]>([
    [
      'reads /etc/passwd',
      naming('read("/etc/passwd").text'),
      'Refusing to read resource `file:///etc/passwd`',
    ],
    [
      'reads a file beside it',
      naming('read("policy.pkl").text'),
      'Refusing to read resource `file:',
    ],
    [
      'reads an environment variable',
      naming('read("env:PATH")'),
      'Refusing to read resource `env:PATH`',
    ],
    [
      'reads a system property',
      naming('read("prop:user.home")'),
      'Refusing to read resource `prop:user.home`',
    ],
    [
      'imports from https:',
      naming('x.name', 'import "https://127.0.0.1:1/x.pkl"'),
      'I/O error loading module `https://127.0.0.1:1/x.pkl`',
    ],
    [
      'imports from package:',
      naming('x.name', 'import "package://pkg.example/x@1.0.0#/x.pkl"'),
      'Refusing to load module `package:',
    ],
    [
      'imports by ..',
      naming('x.name', 'import "../outside.pkl" as x'),
      'Refusing to load module `file:',
    ],
    [
      'imports by encoded ..',
      naming('x.name', 'import "%2e%2e/outside.pkl" as x'),
      'Refusing to load module `file:',
    ],
    [
      'imports by its absolute place',
      naming('x.name', 'import "file:///etc/outside.pkl" as x'),
      'Refusing to load module `file:///etc/outside.pkl`',
    ],
    [
      'imports from a folder below',
      naming('x.name', 'import "below/x.pkl"'),
      'Refusing to load module `file:',
    ],
    [
      'imports by a link that leads out',
      naming('x.name', 'import "link.pkl" as x'),
      'Refusing to load module `file:',
    ],
    [
      'imports whatever lies there',
      naming('import*("*.pkl").keys.first'),
      'Refusing to load module `file:',
    ],
    [
      'amends another module path',
      HEAD.replace('oathmesh-policy', 'other'),
      'Refusing to load module `modulepath:/other.pkl`',
    ],
    [
      'ends in allow',
      HEAD + RULES.replace('allow = false', 'allow = true'),
      'Type constraint `endsInDeny.apply(this)` violated',
    ],
    [
      'ends in another rule',
      HEAD + RULES.replace('"default"', '"last"'),
      'Type constraint `endsInDeny.apply(this)` violated',
    ],
    [
      'misspells a member',
      HEAD + RULES.replace('sub =', 'subject ='),
      'Did you mean any of the following?\nsub',
    ],
    [
      'allows without a match',
      HEAD + RULES.replace('match { sub = "svc://shop/*" }; ', ''),
      'Type constraint `allowsSomething.apply(this)` violated',
    ],
    [
      'allows with an empty match',
      HEAD + RULES.replace('sub = "svc://shop/*"', ''),
      'rules[0].match: must NOT have fewer than 1 properties',
    ],
    [
      'uses a name twice',
      HEAD + RULES.replace('"shop"', '"default"'),
      'Type constraint `namesDiffer.apply(this)` violated',
    ],
    [
      'has no issuers',
      HEAD.replace(/issuers.*/, 'issuers {}') + RULES,
      'Type constraint `!isEmpty` violated',
    ],
    [
      'recurses without end',
      naming('f(1)', 'local function f(n) = f(n + 1) + ""'),
      'A stack overflow occurred',
    ],
    [
      'prints 100 MB',
      `${HEAD}${RULES}output { text = "x".repeat(100000000) }`,
      'Pkl printed more than 1024 KiB',
    ],
    [
      'prints 100 MB bit by bit',
      naming('IntSeq(0, 5000000).fold("", (_, n) -> trace("\\(n) and more").take(1))'),
      'Pkl printed more than 1024 KiB',
    ],
    [
      'prints 2 MB',
      `${HEAD}${RULES}output { text = "x".repeat(2000000) }`,
      'Pkl printed more than 1024 KiB',
    ],
    ['prints what is no JSON', `${HEAD}${RULES}output { text = "rules" }`, 'is not valid JSON'],
    [
      'prints a member twice',
      `${HEAD}${RULES}output { text = "{\\"version\\":1,\\"version\\":1}" }`,
      'duplicate member name',
    ],
    ['is not shaped by the schema', 'a = 1', 'a: unknown member'],
    ['is no Pkl', '}', 'Pkl Error'],
  ])('is refused when it %s', async (_what, text, message) => {
    write('outside.pkl', 'name = "outside"', root)
    symlinkSync('../outside.pkl', join(folder, 'link.pkl'))
    mkdirSync(join(folder, 'below'))
    write('x.pkl', 'name = "below"', join(folder, 'below'))
    await expect(load(write('policy.pkl', text))).rejects.toThrow(message)
  })

  test('is refused when it asks a server, which hears nothing', async () => {
    let heard = 0
    const server = createServer((_request, response) => {
      heard++
      response.end('name = "x"')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.pkl`
    try {
      const reads = load(write('a.pkl', naming(`read("${url}").text`)))
      await expect(reads).rejects.toThrow(`Refusing to read resource \`${url}\``)
      const imports = load(write('b.pkl', naming('x.name', `import "${url}"`)))
      await expect(imports).rejects.toThrow(`I/O error loading module \`${url}\``)
      expect(heard).toBe(0)
    } finally {
      server.close()
    }
  })

  test.each(['.pkl', '.json'])(
    'is refused when it is a link that leads out: %s',
    async (ending) => {
      write(`outside${ending}`, HEAD + RULES, root)
      symlinkSync(`../outside${ending}`, join(folder, `policy${ending}`))
      const message = `policy${ending} is a link that leads out of its folder`
      await expect(load(join(folder, `policy${ending}`))).rejects.toThrow(message)
    },
  )

  test('is refused in a folder that it only seems to lie in', async () => {
    mkdirSync(join(root, 'policies-of-others'))
    write('policy.pkl', HEAD + RULES, join(root, 'policies-of-others'))
    symlinkSync('../policies-of-others/policy.pkl', join(folder, 'policy.pkl'))
    await expect(load(join(folder, 'policy.pkl'))).rejects.toThrow('leads out of its folder')
  })

  test('takes no settings from the home of the user', async () => {
    // Where Pkl looks comes from the system's list of users and not from the environment.
    const pkl = join(userInfo().homedir, '.pkl')
    const settings = join(pkl, 'settings.pkl')
    const made = mkdirSync(pkl, { recursive: true })
    const kept = existsSync(settings) ? readFileSync(settings) : undefined
    try {
      writeFileSync(settings, 'amends "pkl:settings"\neditor = throw("settings of the user")\n')
      const policy = await load(write('policy.pkl', HEAD + RULES))
      expect(policy.decide(claimsWith()).rule).toBe('shop')
    } finally {
      if (kept === undefined) rmSync(settings)
      else writeFileSync(settings, kept)
      if (made !== undefined) rmSync(made, { recursive: true })
    }
  })

  const ENDLESS = naming('IntSeq(0, 9223372036854775806).fold("", (x, _) -> x)')
  test('is refused when it loops for ever', async () => {
    const path = write('policy.pkl', ENDLESS)
    await expect(evaluatePkl(path, { timeoutMs: 1000 })).rejects.toThrow('timed out after 1 second')
  })

  test('is refused when it takes too much memory', async () => {
    const path = write('policy.pkl', naming('"x".repeat(1000000000).reverse()'))
    await expect(evaluatePkl(path, { timeoutMs: 30_000 })).rejects.toThrow(
      'Pkl needed more than 256 MiB',
    )
  })

  test('waits its turn behind two others', async () => {
    const slow = write('slow.pkl', ENDLESS)
    const quick = write('quick.pkl', HEAD + RULES)
    const order: string[] = []
    const note = (name: string) => () => order.push(name)
    await Promise.all([
      evaluatePkl(slow, { timeoutMs: 1000 }).catch(note('slow')),
      evaluatePkl(slow, { timeoutMs: 1000 }).catch(note('slow')),
      evaluatePkl(quick).then(note('quick')),
    ])
    expect(order.indexOf('quick')).toBeGreaterThan(0)
  })

  test('leaves nothing behind', async () => {
    const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('oathmesh-pkl-'))
    const before = left()
    await evaluatePkl(write('policy.pkl', HEAD + RULES))
    await expect(evaluatePkl(write('policy.pkl', '}'))).rejects.toThrow()
    expect(left().filter((name) => !before.includes(name))).toEqual([])
  })
})
