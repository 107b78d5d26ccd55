import { execFileSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { version } from '../../package.json'
import { bundledPackages, idOf } from '../../release/bundled-packages.ts'
import { dependencyTable, NO_REASON } from '../../release/dependency-table.ts'
import { writeRelease } from '../../release/write-release.ts'
import { fencedBlocks } from '../docs/fenced-blocks.ts'
import { paste } from '../docs/paste.ts'

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-release-test-'))
const [first, second] = [join(folder, 'first'), join(folder, 'second')]
const packages = bundledPackages()

/** Every file below a folder with its bytes. */
function bytesOf(root: string): ReadonlyMap<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  return new Map(files.map((file) => [file, readFileSync(join(root, file)).toString('base64')]))
}

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the build', () => {
  test('gives the same bytes in another folder', () => {
    const elsewhere = join(folder, 'a folder with another name')
    mkdirSync(elsewhere)
    // What kong/Dockerfile copies to build from.
    const sources = [...readFileSync('kong/Dockerfile', 'utf8').matchAll(/^COPY (?!--)(.+) \S+$/gm)]
    for (const name of sources.flatMap(([, names = '']) => names.split(' '))) {
      cpSync(name, join(elsewhere, name), { recursive: true })
    }
    symlinkSync(resolve('node_modules'), join(elsewhere, 'node_modules'))
    execFileSync(process.execPath, ['build.mjs'], { cwd: elsewhere, stdio: 'pipe' })
    const anew = bytesOf(join(elsewhere, 'dist'))
    const ours = [...bytesOf('dist')].filter(
      ([file]) => !/^(?:release\/|bundled\.json$)/.test(file),
    )
    expect(ours.length).toBeGreaterThan(10)
    expect(ours.filter(([file, bytes]) => anew.get(file) !== bytes).map(([file]) => file)).toEqual(
      [],
    )
  }, 180_000)
})

describe('the release', () => {
  beforeAll(() => {
    writeRelease(first)
    writeRelease(second)
  }, 120_000)

  test('has the files for a gateway, the package, the bill, the licences and the sums', () => {
    expect([...bytesOf(first).keys()].toSorted()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'SHA256SUMS',
      'THIRD-PARTY-LICENSES.txt',
      'bin/oathmesh-envoy.cjs',
      'bin/oathmesh-pluginserver.cjs',
      'bin/oathmesh.cjs',
      `kong-plugin-oathmesh-${version}.tgz`,
      'kong.conf',
      'kong/oathmesh.cjs',
      'sbom.cdx.json',
      'schema.lua',
    ])
  })

  test('is the same twice', () => {
    expect([...bytesOf(second)]).toEqual([...bytesOf(first)])
  })

  test('has sums that sha256sum takes for right, by the command of docs/releases.md', async () => {
    const [block] = fencedBlocks('docs/releases.md', 'sh')
    const command = (block?.text ?? '').replace('cd dist/release', `cd ${first}`)
    const { output, exitCode } = await paste(command, { cwd: folder })
    expect([exitCode, output.match(/: OK$/gm)?.length]).toEqual([0, 11])
  })

  test('has a bill of materials of all that is in the files, by hash, and of nothing else', () => {
    const bill = JSON.parse(readFileSync(join(first, 'sbom.cdx.json'), 'utf8'))
    expect(bill).toMatchObject({
      bomFormat: 'CycloneDX',
      serialNumber: expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/),
      metadata: { component: { name: 'kong-plugin-oathmesh', version } },
    })
    const listed = bill.components.map(({ name, version: of }: { name: string; version: string }) =>
      idOf({ name, version: of }),
    )
    expect(listed.toSorted()).toEqual([...new Set(packages.map(idOf))].toSorted())
    for (const { name, hashes, purl } of bill.components) {
      expect([name, hashes?.[0]?.alg, purl]).toEqual([name, 'SHA-512', expect.any(String)])
    }
    expect(JSON.stringify(bill)).not.toMatch(/cdx:npm:package:development|registry\./)
  })
})

describe('bundled packages', () => {
  test.each(packages.map((one) => [idOf(one), one.licence]))(
    '%s is under a licence that we take: %s',
    (_, licence) => {
      const words = licence.replaceAll(/[()]/g, '').split(/ (?:AND|OR) /)
      const taken = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'BlueOak-1.0.0']
      expect(words.filter((word) => !taken.includes(word))).toEqual([])
    },
  )

  test('have their licences in one file', () => {
    const text = readFileSync('dist/THIRD-PARTY-LICENSES.txt', 'utf8')
    expect(packages.map(idOf).filter((id) => !text.includes(`\n${id} (`))).toEqual([])
  })

  test('are all in docs/dependencies.md, with a reason', () => {
    const page = readFileSync('docs/dependencies.md', 'utf8')
    expect(page).toContain(dependencyTable(page))
    expect(page).not.toContain(NO_REASON)
  })
})
