import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { type BundledPackage, idOf } from './bundled-packages.ts'

interface Component {
  readonly 'bom-ref': string
  readonly properties?: readonly { readonly name: string }[]
  readonly [member: string]: unknown
}

interface Bill {
  readonly metadata: { readonly component: Component } & Readonly<Record<string, unknown>>
  readonly components: readonly Component[]
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[]
  readonly [member: string]: unknown
}

export interface BillOptions {
  readonly name: string
  /** Packages that are in the files. */
  readonly packages: readonly BundledPackage[]
  /** RFC 3339. */
  readonly released: string
}

/**
 * The CycloneDX bill of materials of what is shipped, as npm makes it of the lockfile: the bundled packages with their
 * hashes, and nothing that only builds or tests. The same bytes for the same lockfile. Throws `TypeError` for a bundled
 * package that the lockfile does not have.
 */
export function billOfMaterials({ name, packages, released }: BillOptions): string {
  const whole: Bill = JSON.parse(
    execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--package-lock-only'], {
      maxBuffer: 64 * 1024 * 1024,
    }).toString(),
  )
  const root = whole.metadata.component
  const shipped = new Set(packages.map(idOf))
  const missing = packages.filter((one) => !refs(whole).has(idOf(one)))
  if (missing.length > 0)
    throw new TypeError(`not in the lockfile: ${missing.map(idOf).join(', ')}`)
  const known = (ref: string) => shipped.has(ref) || ref === root['bom-ref']
  const bill = {
    ...whole,
    serialNumber: undefined,
    metadata: {
      ...whole.metadata,
      timestamp: released,
      component: { ...root, name },
    },
    components: whole.components.filter((one) => known(one['bom-ref'])).map(asBundled),
    dependencies: whole.dependencies
      .filter(({ ref }) => known(ref))
      .map(({ ref, dependsOn = [] }) => ({ ref, dependsOn: dependsOn.filter(known) })),
  }
  return `${JSON.stringify({ ...bill, serialNumber: serialOf(bill) }, null, 2)}\n`
}

function refs({ components }: Bill): ReadonlySet<string> {
  return new Set(components.map((one) => one['bom-ref']))
}

/** To npm it is a package of development alone; its code is in our files all the same. */
function asBundled(component: Component): Component {
  const properties = component.properties?.filter(({ name }) => name !== DEVELOPMENT)
  return { ...component, scope: 'required', ...(properties && { properties }) }
}

const DEVELOPMENT = 'cdx:npm:package:development'

/** One bill has one number: a UUID of the hash of the rest. */
function serialOf(bill: object): string {
  const hex = createHash('sha256').update(JSON.stringify(bill)).digest('hex')
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
  ]
  return `urn:uuid:${parts.join('-')}-${hex.slice(20, 32)}`
}
