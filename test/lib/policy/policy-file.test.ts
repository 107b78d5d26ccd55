import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PolicyFile } from '../../../lib/policy/policy-file.ts'
import type { Log, LogFields } from '../../../lib/ports/log.ts'
import { readPolicy } from '../../../schema/read-policy.ts'
import { claimsWith } from './claims.ts'

const policyNamed = (name: string, last = 'default') =>
  JSON.stringify({
    version: 1,
    issuers: ['https://issuer.example'],
    audiences: ['https://api.example'],
    rules: [
      { name, match: { sub: 'svc://*' }, allow: true },
      { name: last, allow: false },
    ],
  })
const NOT_LOADED = { allow: false, unavailable: true }
const SCOPE = { audience: 'https://api.example', issuers: ['https://issuer.example'] }

class Lines implements Log {
  readonly all: [string, LogFields | undefined][] = []
  readonly info = (message: string, fields?: LogFields) => this.#add(`info ${message}`, fields)
  readonly warn = (message: string, fields?: LogFields) => this.#add(`warn ${message}`, fields)
  readonly error = (message: string, fields?: LogFields) => this.#add(`error ${message}`, fields)

  get messages() {
    return this.all.map(([message]) => message)
  }

  #add(message: string, fields?: LogFields) {
    this.all.push([message, fields])
  }
}

let folder: string
let path: string
let log: Lines
let open: PolicyFile[]
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'policy-')))
  path = join(folder, 'policy.json')
  log = new Lines()
  open = []
})
afterEach(async () => {
  await Promise.all(open.map((file) => file.close()))
  rmSync(folder, { recursive: true, force: true })
})

const start = (at = path) => {
  const file = new PolicyFile({ path: at, scope: SCOPE, read: readPolicy, log })
  open.push(file)
  return file
}
const replace = (text: string, at = path) => {
  writeFileSync(`${at}.new`, text)
  renameSync(`${at}.new`, at)
}
const ruleOf = (file: PolicyFile) => file.decide(claimsWith()).rule

describe('policy file', () => {
  test('decides once it has been loaded, and denies before', async () => {
    writeFileSync(path, policyNamed('first'))
    const file = start()
    expect(file.decide(claimsWith())).toEqual(NOT_LOADED)
    await file.loading
    expect(file.loading).toBeUndefined()
    expect(file.decide(claimsWith())).toEqual({ allow: true, rule: 'first' })
    const sha256 = createHash('sha256').update(policyNamed('first')).digest('hex')
    expect(log.all).toEqual([['info policy loaded', { path, sha256, rules: 2 }]])
  })

  test.each<[string, string | undefined, string]>([
    ['missing', undefined, 'ENOENT'],
    ['no JSON', '{', 'JSON'],
    ['ambiguous', '{"version":1,"version":1}', 'duplicate member name'],
    ['of another shape', '{"version":1}', 'rules: required member missing'],
    [
      'not ended by default',
      policyNamed('a', 'b'),
      'rules[1]: the last rule must be named "default"',
    ],
    [
      'for another audience',
      policyNamed('a').replace('api.example', 'b.example'),
      'audiences: "https://api.example"',
    ],
    [
      'for another issuer',
      policyNamed('a').replace('issuer.example', 'b.example'),
      'issuers[0]: "https://b.example"',
    ],
  ])('denies every call while the file is %s, and recovers', async (_what, text, cause) => {
    if (text !== undefined) writeFileSync(path, text)
    const file = start()
    await file.loading
    expect(file.decide(claimsWith())).toEqual(NOT_LOADED)
    expect(log.all[0]).toEqual([
      'error policy not loaded: every call is refused with 503 until the file is valid',
      expect.objectContaining({ path, cause: expect.stringContaining(cause) }),
    ])
    await sleep(200)
    replace(policyNamed('good'))
    await until(() => ruleOf(file) === 'good')
  })

  test('recovers when its folder appears', async () => {
    const file = start(join(folder, 'later', 'policy.json'))
    await file.loading
    await sleep(200)
    expect(file.decide(claimsWith())).toEqual(NOT_LOADED)
    mkdirSync(join(folder, 'later'))
    replace(policyNamed('late'), join(folder, 'later', 'policy.json'))
    await until(() => ruleOf(file) === 'late')
  })

  test('keeps the version before when the next has a fault, and says so once', async () => {
    writeFileSync(path, policyNamed('first'))
    const file = start()
    await file.loading
    replace('{}')
    await until(() => log.all.length === 2)
    writeFileSync(join(folder, 'unrelated'), '')
    await sleep(300)
    expect(ruleOf(file)).toBe('first')
    expect(log.messages).toEqual([
      'info policy loaded',
      'error policy not loaded: the version before goes on deciding',
    ])
    rmSync(path)
    await until(() => log.all.length === 3)
    expect(ruleOf(file)).toBe('first')
    replace(policyNamed('first'))
    await until(() => log.all.length === 4)
    expect(log.messages.at(-1)).toBe('info policy loaded')
  })

  test('follows a file that is written in place', async () => {
    writeFileSync(path, policyNamed('first'))
    const file = start()
    await file.loading
    await sleep(200)
    writeFileSync(path, policyNamed('second'))
    await until(() => ruleOf(file) === 'second')
  })

  test('follows Pkl, and the modules beside it', async () => {
    const pkl = join(folder, 'policy.pkl')
    writeFileSync(join(folder, 'names.pkl'), 'name = "first"')
    writeFileSync(
      pkl,
      `amends "modulepath:/oathmesh-policy.pkl"
import "names.pkl"
issuers { "https://issuer.example" }
audiences { "https://api.example" }
rules {
  new { name = names.name; match { sub = "svc://*" }; allow = true }
  new { name = "default"; allow = false }
}`,
    )
    const file = start(pkl)
    await file.loading
    expect(ruleOf(file)).toBe('first')
    replace('name = "second"', join(folder, 'names.pkl'))
    await until(() => ruleOf(file) === 'second')
  })

  test('follows a folder that is a link, and its change', async () => {
    for (const name of ['one', 'two', 'three']) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'policy.json'), policyNamed(name))
    }
    symlinkSync('one', join(folder, 'current'))
    const file = start(join(folder, 'current', 'policy.json'))
    await file.loading
    await sleep(200)
    replace(policyNamed('one, newer'), join(folder, 'one', 'policy.json'))
    await until(() => ruleOf(file) === 'one, newer')
    symlinkSync('two', join(folder, 'next'))
    renameSync(join(folder, 'next'), join(folder, 'current'))
    await until(() => ruleOf(file) === 'two')
    await sleep(200)
    replace(policyNamed('two, newer'), join(folder, 'two', 'policy.json'))
    await until(() => ruleOf(file) === 'two, newer')
  })

  test('goes on deciding by its last version when it is closed', async () => {
    writeFileSync(path, policyNamed('first'))
    const file = start()
    await file.loading
    await file.close()
    replace(policyNamed('second'))
    await sleep(300)
    expect(ruleOf(file)).toBe('first')
  })

  test('does not keep a process alive', async () => {
    writeFileSync(path, policyNamed('first'))
    const root = join(__dirname, '../../..')
    const script = `
      import { PolicyFile } from '${root}/lib/policy/policy-file.ts'
      import { readPolicy } from '${root}/schema/read-policy.ts'
      const file = new PolicyFile({
        path: ${JSON.stringify(path)},
        scope: ${JSON.stringify(SCOPE)},
        read: readPolicy,
        log: { info: console.log, warn: console.log, error: console.log },
      })
      setTimeout(() => console.log('end'), 300)`
    writeFileSync(join(folder, 'script.mts'), script)
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', join(folder, 'script.mts')],
      { cwd: root, timeout: 10_000 },
    )
    expect(stdout).toMatch(/policy loaded.*end/s)
  })

  test.each([
    ['a relative path', 'policy.json', 'policy.file: must be an absolute path'],
    ['another ending', '/etc/policy.yaml', 'policy.file: must end in .json or .pkl'],
  ])('is refused for %s', (_what, at, message) => {
    expect(() => start(at)).toThrow(new TypeError(message))
  })
})

describe('a policy file replaced 50 times under 1 000 calls per second', () => {
  const VERSIONS = 50
  /** Every fourth version has a fault, never the last one. */
  const isBroken = (version: number) => version % 4 === 3
  const textOf = (version: number) => {
    if (!isBroken(version)) return policyNamed(`v${version}`)
    return (
      [policyNamed(`v${version}`).slice(0, -20), policyNamed(`v${version}`, 'allow'), ''][
        version % 3
      ] ?? ''
    )
  }
  const byRename = (version: number) => replace(textOf(version))
  const byLink = (version: number) => {
    // As the kubelet does it: new folder, new link, and the link moved over the old one.
    const name = `..2026_${version}`
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'policy.json'), textOf(version))
    symlinkSync(name, join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    if (version === 0) symlinkSync('..data/policy.json', path)
    else rmSync(join(folder, `..2026_${version - 1}`), { recursive: true })
  }

  test.each([
    ['by renaming', byRename],
    ['by changing a link', byLink],
  ])('%s decides every call by a valid version', async (_how, publish) => {
    publish(0)
    const file = start()
    await file.loading
    const decided: string[] = []
    const calls = setInterval(() => {
      for (let call = 0; call < 10; call++) {
        const { allow, rule } = file.decide(claimsWith())
        decided.push(allow ? String(rule) : `denied by ${rule}`)
      }
    }, 10)
    const started = performance.now()
    try {
      for (let version = 1; version < VERSIONS; version++) {
        publish(version)
        await sleep(80)
      }
      const last = `v${VERSIONS - 1}`
      await until(() => ruleOf(file) === last)
      await until(() => decided.at(-1) === last)
    } finally {
      clearInterval(calls)
    }
    const seconds = (performance.now() - started) / 1000
    const versions = [...new Set(decided)].map((rule) => Number(/^v(\d+)$/.exec(rule)?.[1]))
    expect(versions.filter((version) => Number.isNaN(version) || isBroken(version))).toEqual([])
    expect(versions).toEqual(versions.toSorted((one, other) => one - other))
    expect(versions.length).toBeGreaterThan(10)
    // Timers come late on a busy machine; calls are none the fewer for being bunched.
    expect(decided.length / seconds).toBeGreaterThan(500)
  })
})

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 10_000) throw new Error('did not come about within 10 s')
    await sleep(20)
  }
}
