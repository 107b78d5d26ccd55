import manifest from '../package.json' with { type: 'json' }
import { type BundledPackage, bundledPackages } from './bundled-packages.ts'

/** What stands where somebody has to say why; a test fails on it. */
export const NO_REASON = '**no reason yet**'

/** Columns: package, licence, files, why. */
const ROW = /^\| `([^`]+)` \| [^|]+ \| [^|]+ \| (.*) \|$/

const FILES: Readonly<Record<string, string>> = {
  'kong/oathmesh.cjs': 'plugin',
  'bin/oathmesh-pluginserver.cjs': 'plugin server',
  'bin/oathmesh.cjs': 'command line',
  'bin/oathmesh-envoy.cjs': 'Envoy',
  'client/index.js': 'client',
  'verify/index.js': 'verify',
}

/**
 * The packages that the last build has bundled, as a table: first those that we have chosen, each with the reason that
 * the page gives it, then those that come with them, with whoever asks for them.
 */
export function dependencyTable(page: string): string {
  const packages = byName(bundledPackages())
  const chosen = packages.filter(({ name }) => Object.hasOwn(manifest.devDependencies, name))
  const others = packages.filter((one) => !chosen.includes(one))
  const reasons = reasonsOf(page)
  return [
    `${packages.length} packages are in our files: ${chosen.length} that we have chosen, and ${others.length} that come with them.`,
    '',
    ...HEAD,
    ...chosen.map((one) => row(one, reasons.get(one.name) ?? NO_REASON)),
    '',
    ...HEAD,
    ...others.map((one) => row(one, askers(one, packages))),
  ].join('\n')
}

const HEAD = ['| Package | Licence | In | Why |', '|---|---|---|---|']

/** Several versions of one package are one row. */
function byName(packages: readonly BundledPackage[]): readonly BundledPackage[] {
  const found = new Map<string, BundledPackage>()
  for (const one of packages) {
    const files = [...new Set([...(found.get(one.name)?.files ?? []), ...one.files])].toSorted()
    found.set(one.name, { ...one, files })
  }
  return [...found.values()]
}

function row({ name, licence, files }: BundledPackage, why: string): string {
  const names = files.map((file) => FILES[file] ?? file).join(', ')
  return `| \`${name}\` | ${licence.replace(/^\((.*)\)$/, '$1')} | ${names} | ${why} |`
}

function askers({ name }: BundledPackage, packages: readonly BundledPackage[]): string {
  const names = packages.filter(({ asksFor }) => asksFor.includes(name)).map((one) => one.name)
  return names.length === 0 ? NO_REASON : `of ${[...new Set(names)].join(', ')}`
}

function reasonsOf(page: string): ReadonlyMap<string, string> {
  const rows = page.split('\n').map((line) => ROW.exec(line))
  return new Map(
    rows.flatMap((found) => (found ? [[found[1] ?? '', found[2] ?? ''] as const] : [])),
  )
}
