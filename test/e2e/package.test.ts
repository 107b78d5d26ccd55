import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { version } from '../../package.json'
import { stagePackage } from '../../release/stage-package.ts'

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

/** Packs what is built, as a release does; without the registry, as the package has no dependencies to fetch. */
function packAndInstall(): Packed {
  const staged = join(folder, 'staged')
  stagePackage(staged)
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]
  const output = run('npm', args, staged)
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

  test('is under 1.6 megabytes', () => {
    expect(packed.size).toBeLessThan(1_600_000)
  })

  test('has only what a user needs', () => {
    const needed = [
      /^(?:LICENSE|README\.md|SECURITY\.md|package\.json)$/,
      /^dist\/THIRD-PARTY-LICENSES\.txt$/,
      /^dist\/(?:kong\/oathmesh|bin\/oathmesh|bin\/oathmesh-pluginserver|bin\/oathmesh-envoy)\.cjs$/,
      /^dist\/(?:client|verify)\/(?:index\.js|types\/.*\.d\.ts)$/,
      /^dist\/explorer\/(?:index\.html|explorer\.(?:css|js)|icon\.svg)$/,
      /^envoy\/envoy\.yaml$/,
      /^kong\/(?:kong\.conf|kong\.yml|schema\.lua|kubernetes\/[\w-]+\.yaml)$/,
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

  test.each(['README.md', 'SECURITY.md'])('has a %s whose links lead somewhere', (page) => {
    const text = readFileSync(join(installed, page), 'utf8')
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link)
    const ours = `https://github.com/oathmesh/kong-plugin-oathmesh/blob/v${version}/`
    expect(links.length).toBeGreaterThan(1)
    expect(links.filter((link) => !/^https:\/\/|^#/.test(link))).toEqual([])
    const files = links
      .filter((link) => link.startsWith(ours))
      .map((link) => link.slice(ours.length))
    expect(files.filter((file) => !existsSync(file.replace(/#.*/, '')))).toEqual([])
  })

  test('says where it comes from, and not how it is built', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({
      repository: { url: expect.stringContaining('kong-plugin-oathmesh') },
      homepage: expect.stringMatching(/^https:/),
      bugs: expect.stringMatching(/^https:/),
      publishConfig: { provenance: true },
    })
    expect(manifest).not.toHaveProperty('scripts')
    expect(manifest).not.toHaveProperty('devDependencies')
    for (const { types, default: file } of [
      manifest.exports['./client'],
      manifest.exports['./verify'],
    ]) {
      expect([types, file].filter((path) => !existsSync(join(installed, path)))).toEqual([])
    }
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
