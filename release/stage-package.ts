import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import manifest from '../package.json' with { type: 'json' }

/** What npm and its readers have no use for: the package is built, and brings its dependencies with it. */
const OURS_ALONE = ['scripts', 'devDependencies', 'allowScripts', 'overrides']

/** A link to a file of the repository: no scheme, no fragment alone. */
const RELATIVE_LINK = /(\]\()(?![a-z]+:|#)([^)\s]+\))/g

/**
 * Lays out in `folder` what the npm package holds: of the manifest what a user needs, and pages whose links lead to the
 * repository at this version, since most of what they name is not in the package.
 */
export function stagePackage(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const published = Object.entries(manifest).filter(([name]) => !OURS_ALONE.includes(name))
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify(Object.fromEntries(published), null, 2)}\n`,
  )
  for (const name of manifest.files) {
    // npm's own words for them, in which a star stands for a part of a name.
    const [path = ''] = name.split('/*')
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    if (name.endsWith('.md')) writeFileSync(join(folder, path), withAbsoluteLinks(path))
    else cpSync(path, join(folder, path), { recursive: true })
  }
}

function withAbsoluteLinks(page: string): string {
  const at = `${repositoryUrl()}/blob/v${manifest.version}`
  return readFileSync(page, 'utf8').replace(RELATIVE_LINK, `$1${at}/$2`)
}

function repositoryUrl(): string {
  return manifest.repository.url.replace(/^git\+/, '').replace(/\.git$/, '')
}
