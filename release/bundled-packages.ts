import { readFileSync } from 'node:fs'

/** A package of which at least one of our files holds something. */
export interface BundledPackage {
  readonly name: string
  readonly version: string
  /** SPDX expression of its manifest. */
  readonly licence: string
  /** Where it is installed, relative to the repository. */
  readonly folder: string
  /** Names of the packages that it asks for itself. */
  readonly asksFor: readonly string[]
  /** Our files that hold something of it, below `dist/`. */
  readonly files: readonly string[]
}

/** Where the build writes what each file holds. */
const RECORD = 'dist/bundled.json'

/** Every package that the last build has bundled, by name and version. */
export function bundledPackages(): readonly BundledPackage[] {
  const record: Readonly<Record<string, readonly string[]>> = JSON.parse(
    readFileSync(RECORD, 'utf8'),
  )
  const folders = [...new Set(Object.values(record).flat())]
  return folders
    .map((folder) => {
      const files = Object.keys(record).filter((file) => record[file]?.includes(folder))
      return { ...readManifest(folder), folder, files: files.map(withoutDist).toSorted() }
    })
    .toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1))
}

/** `name@version`. */
export function idOf({ name, version }: Pick<BundledPackage, 'name' | 'version'>): string {
  return `${name}@${version}`
}

function readManifest(folder: string): Omit<BundledPackage, 'folder' | 'files'> {
  const manifest = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'))
  const { name, version, license, dependencies, peerDependencies, peerDependenciesMeta } = manifest
  const asked = { ...dependencies, ...peerDependencies, ...peerDependenciesMeta }
  if (typeof license !== 'string') throw new TypeError(`${folder}: names no licence`)
  return { name, version, licence: license, asksFor: Object.keys(asked) }
}

function withoutDist(file: string): string {
  return file.replace(/^dist\//, '')
}
