import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { KEYS, publicJwk } from '../../../testkit/keys.ts'
import { fencedBlocks } from '../../docs/fenced-blocks.ts'

const ROOT = resolve(__dirname, '../../..')
/** The examples of the pages, each a program of its own. */
const EXAMPLES = ['README.md', 'docs/client.md', 'docs/verify.md'].flatMap((page) =>
  fencedBlocks(page, 'ts'),
)
const PROGRAM = `import { createClient, MintError } from 'kong-plugin-oathmesh/client'

const client = createClient({
  issuer: 'https://issuer.example',
  key: process.env['KEY'] ?? '',
  subject: 'svc://shop/cart',
  audience: 'https://api.example',
  action: 'items.read',
})
const header: string = await client.authorization()
console.log(header.split('.').length, MintError.name)
`

const VERIFYING = `import { callerOf, createVerifier } from 'kong-plugin-oathmesh/verify'

const verifier = createVerifier({
  audience: 'https://api.example',
  issuers: [{ issuer: 'https://issuer.example', jwks: '${JSON.stringify({ keys: [publicJwk(KEYS.trusted)] })}' }],
  policy: { allow_all: true },
  audit: { sink: 'none' },
})
const handle = verifier.fetch(async (request, caller) => Response.json(caller?.claims.sub))
const request = new Request('https://api.example/items')
const answer = await handle(request)
const { error } = Object(await answer.json())
const caller: string | undefined = callerOf(request)?.claims.sub
console.log(answer.status, error, caller)
await verifier.close()
`

/** A project that has installed the package, as far as its resolution goes. */
let project: string
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'oathmesh-client-'))
  mkdirSync(join(project, 'node_modules/@types'), { recursive: true })
  symlinkSync(ROOT, join(project, 'node_modules/kong-plugin-oathmesh'))
  symlinkSync(join(ROOT, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'))
  symlinkSync(join(ROOT, 'node_modules/undici-types'), join(project, 'node_modules/undici-types'))
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(project, 'main.ts'), PROGRAM)
  writeFileSync(join(project, 'main.js'), PROGRAM.replace(': string', ''))
})
afterAll(() => rmSync(project, { recursive: true }))

/** What the compiler has to say about files of the project. */
function compile(files: readonly string[]): string {
  const compiler = createRequire(join(ROOT, 'package.json')).resolve('typescript/package.json')
  const tsc = join(compiler, '../bin/tsc')
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--types', 'node']
  const run = spawnSync(process.execPath, [tsc, ...options, ...files], { cwd: project })
  return run.stdout.toString() + run.stderr.toString()
}

// `npm test` builds the package first.
describe('kong-plugin-oathmesh/client', () => {
  test('runs in a project that has installed it', () => {
    const KEY = KEYS.trusted.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const env = { ...process.env, KEY, NODE_OPTIONS: '' }
    const output = execFileSync(process.execPath, ['main.js'], { cwd: project, env })
    expect(output.toString()).toBe('3 MintError\n')
  })

  test('comes with types, for every example of the pages', () => {
    const names = EXAMPLES.map(({ text }, at) => {
      writeFileSync(join(project, `example-${at}.ts`), text)
      return `example-${at}.ts`
    })
    expect(names.length).toBeGreaterThan(5)
    expect(compile(['main.ts', ...names])).toBe('')
  })

  test('has a verifier beside it, as a module and with types', () => {
    writeFileSync(join(project, 'verify.ts'), VERIFYING)
    writeFileSync(join(project, 'verify.js'), VERIFYING.replace(': string | undefined', ''))
    const output = execFileSync(process.execPath, ['verify.js'], {
      cwd: project,
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    expect(output.toString()).toBe('401 claim_missing:token undefined\n')
    expect(compile(['verify.ts'])).toBe('')
  })

  test('carries neither Redis nor a file watcher', () => {
    const bundle = readFileSync(join(ROOT, 'dist/client/index.js'), 'utf8')
    expect(bundle).not.toMatch(/ioredis|chokidar|EVALSHA/i)
    expect(bundle.length).toBeLessThan(40_000)
  })
})
