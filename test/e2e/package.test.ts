import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { version } from '../../package.json'

interface Packed {
  readonly filename: string
  /** Bytes of the tarball. */
  readonly size: number
  readonly files: readonly { readonly path: string }[]
}

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-package-'))
const installed = join(folder, 'user', 'node_modules', 'kong-plugin-oathmesh')

function run(command: string, args: readonly string[], cwd: string): string {
  return execFileSync(command, args, { cwd, stdio: ['ignore', 'pipe', 'ignore'] }).toString()
}

function inUser(command: string, ...args: readonly string[]): string {
  return run(join('node_modules', '.bin', command), args, join(folder, 'user'))
}

/** Packs what is built; without the registry, as the package has no dependencies to fetch. */
function packAndInstall(): Packed {
  const output = run(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
    '.',
  )
  const [packed] = JSON.parse(output) as Packed[]
  if (packed === undefined) throw new TypeError('nothing packed')
  mkdirSync(join(folder, 'user'))
  writeFileSync(join(folder, 'user', 'package.json'), '{ "private": true }')
  const tarball = join(folder, packed.filename)
  const offline = ['--offline', '--ignore-scripts', '--omit=optional', '--omit=dev']
  run('npm', ['install', ...offline, tarball], join(folder, 'user'))
  return packed
}

describe('the npm package', () => {
  const packed = packAndInstall()
  const paths = packed.files.map(({ path }) => path)

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('is under one and a half megabytes', () => {
    expect(packed.size).toBeLessThan(1_500_000)
  })

  test('has only what a user needs', () => {
    const needed = [
      /^(?:LICENSE|README\.md|SECURITY\.md|package\.json)$/,
      /^dist\/(?:kong\/oathmesh|bin\/oathmesh|bin\/oathmesh-pluginserver|bin\/oathmesh-envoy)\.cjs$/,
      /^dist\/(?:client|verify)\/(?:index\.js|types\/.*\.d\.ts)$/,
      /^dist\/explorer\/(?:index\.html|explorer\.(?:css|js)|icon\.svg)$/,
      /^envoy\/envoy\.yaml$/,
      /^kong\/(?:kong\.conf|kong\.yml|schema\.lua)$/,
      /^schema\/(?:[\w-]+\.schema\.json|pkl\/[\w-]+\.pkl)$/,
    ]
    expect(paths.filter((path) => !needed.some((pattern) => pattern.test(path)))).toEqual([])
  })

  test.each([
    'dist/kong/oathmesh.cjs',
    'dist/bin/oathmesh.cjs',
    'dist/bin/oathmesh-pluginserver.cjs',
    'dist/bin/oathmesh-envoy.cjs',
    'envoy/envoy.yaml',
    'dist/explorer/index.html',
    'dist/client/index.js',
    'dist/verify/index.js',
    'kong/kong.conf',
    'kong/kong.yml',
    'kong/schema.lua',
    'schema/config.schema.json',
    'SECURITY.md',
    'LICENSE',
  ])('has %s', (path) => {
    expect(paths).toContain(path)
  })

  test('brings no other package with it', () => {
    const names = readdirSync(join(folder, 'user', 'node_modules'))
    expect(names.filter((name) => !name.startsWith('.'))).toEqual(['kong-plugin-oathmesh'])
  })

  test('names no file of the machine it was built on', () => {
    for (const path of paths.filter((each) => each.startsWith('dist/'))) {
      expect(readFileSync(join(installed, path), 'utf8')).not.toContain(process.cwd())
    }
  })

  test('gives the command line', () => {
    expect(inUser('oathmesh', '--version').trim()).toBe(version)
    expect(inUser('oathmesh', '--help')).toMatch(/^Usage: oathmesh /)
  })

  test('gives a command line that finds no fault in the configuration beside it', () => {
    const file = join(installed, 'kong', 'kong.yml')
    expect(inUser('oathmesh', 'kong', 'validate', file)).toContain('no fault')
    expect(inUser('oathmesh', 'kong', 'lint', file)).toContain('the guard covers')
  })

  test('gives a plugin server that knows one plugin', () => {
    const plugins = join(installed, 'dist', 'kong')
    const dump = inUser('oathmesh-pluginserver', '-d', plugins, '--dump-all-plugins')
    expect(JSON.parse(dump)).toEqual({
      Protocol: 'ProtoBuf:1',
      Plugins: [
        expect.objectContaining({ Name: 'oathmesh', Version: version, Phases: ['access'] }),
      ],
    })
  })

  test('gives a service for Envoy', () => {
    expect(inUser('oathmesh-envoy', '--version').trim()).toBe(version)
    expect(inUser('oathmesh-envoy', '--help')).toMatch(/^Usage: oathmesh-envoy /)
  })

  test('gives a client to import', () => {
    const program = "import('kong-plugin-oathmesh/client').then((m) => console.log(Object.keys(m)))"
    expect(run(process.execPath, ['-e', program], join(folder, 'user'))).toMatch(/\w/)
  })
})
