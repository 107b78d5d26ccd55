import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import manifest from '../package.json' with { type: 'json' }
import { billOfMaterials } from './bill-of-materials.ts'
import { bundledPackages } from './bundled-packages.ts'
import { releaseDate } from './release-date.ts'
import { stagePackage } from './stage-package.ts'

/** As they lie in the release, from where they are built: `kong/` and `bin/` are those of `/opt/oathmesh`. */
const FILES = {
  'kong/oathmesh.cjs': 'dist/kong/oathmesh.cjs',
  'bin/oathmesh-pluginserver.cjs': 'dist/bin/oathmesh-pluginserver.cjs',
  'bin/oathmesh.cjs': 'dist/bin/oathmesh.cjs',
  'bin/oathmesh-envoy.cjs': 'dist/bin/oathmesh-envoy.cjs',
  'schema.lua': 'kong/schema.lua',
  'kong.conf': 'kong/kong.conf',
  'CHANGELOG.md': 'docs/changelog.md',
  LICENSE: 'LICENSE',
  'THIRD-PARTY-LICENSES.txt': 'dist/THIRD-PARTY-LICENSES.txt',
}

/**
 * Writes a release of what is built into an empty folder: the files for a gateway, the npm package, the bill of
 * materials, the licences, and the SHA-256 of each. The same sources make the same bytes.
 */
export function writeRelease(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [to, from] of Object.entries(FILES)) cpSync(from, join(folder, to))
  pack(folder)
  writeFileSync(
    join(folder, 'sbom.cdx.json'),
    billOfMaterials({
      name: manifest.name,
      packages: bundledPackages(),
      released: releaseDate(readFileSync('docs/changelog.md', 'utf8'), manifest.version),
    }),
  )
  writeFileSync(join(folder, 'SHA256SUMS'), sumsOf(folder))
}

/** npm gives every file of a package one date of its own. */
function pack(folder: string): void {
  const staged = mkdtempSync(join(tmpdir(), 'oathmesh-release-'))
  stagePackage(staged)
  const args = ['pack', '--ignore-scripts', '--pack-destination', resolve(folder)]
  execFileSync('npm', args, { cwd: staged, stdio: ['ignore', 'ignore', 'pipe'] })
  rmSync(staged, { recursive: true })
}

/** As `sha256sum` prints and checks them. */
function sumsOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted()
  const lines = files.map((file) => {
    const sum = createHash('sha256')
      .update(readFileSync(join(folder, file)))
      .digest('hex')
    return `${sum}  ${file}\n`
  })
  return lines.join('')
}
