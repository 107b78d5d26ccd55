import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

interface Entry {
  readonly version?: string
  readonly integrity?: string
  readonly resolved?: string
  readonly link?: boolean
}

/** Each with how many packages it holds at least. */
const LOCKFILES = [
  ['package-lock.json', 300],
  ['kong/docker/native/package-lock.json', 2],
] as const

describe.each(LOCKFILES)('%s', (file, least) => {
  const lock = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly lockfileVersion: number
    readonly packages: Readonly<Record<string, Entry>>
  }
  const entries = Object.entries(lock.packages).filter(([path, { link }]) => path !== '' && !link)
  const named = (fits: (entry: Entry) => boolean) =>
    entries.filter(([, entry]) => fits(entry)).map(([path]) => path)

  test('holds what is installed', () => {
    expect(lock.lockfileVersion).toBe(3)
    expect(entries.length).toBeGreaterThanOrEqual(least)
  })

  test('has a digest of every package, native programs included', () => {
    expect(named(({ integrity }) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))).toEqual(
      [],
    )
  })

  test('names an exact version of every package', () => {
    expect(named(({ version }) => !/^\d+\.\d+\.\d+(?:[-+].+)?$/.test(version ?? ''))).toEqual([])
  })

  test('names no address: packages come from the registry that the machine is set to', () => {
    expect(named(({ resolved }) => resolved !== undefined)).toEqual([])
  })

  test('has two packages of one name and version only with one digest', () => {
    const digests = new Map<string, Set<string | undefined>>()
    for (const [path, { version, integrity }] of entries) {
      const name = `${path.split('node_modules/').at(-1)}@${version}`
      digests.set(name, (digests.get(name) ?? new Set()).add(integrity))
    }
    expect([...digests].filter(([, found]) => found.size > 1)).toEqual([])
  })
})

describe('the images', () => {
  const dockerfile = readFileSync('kong/Dockerfile', 'utf8')
  const compose = parse(readFileSync('docker-compose.yml', 'utf8')) as {
    readonly services: Readonly<Record<string, { readonly image: string; readonly build?: object }>>
  }
  const foreign = [
    ...[...dockerfile.matchAll(/^ARG \w+_IMAGE=(\S+)$/gm)].map(([, image = '']) => image),
    ...Object.values(compose.services)
      .filter(({ build }) => build === undefined)
      .map(({ image }) => image.replace(/^\$\{[A-Z_]+:-(.+)\}$/, '$1')),
  ]

  test('are six, and the Dockerfile names none elsewhere', () => {
    expect(foreign).toHaveLength(6)
    const stages = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image = '']) => image)
    expect(stages.every((image) => /^\$\{\w+_IMAGE\}$/.test(image))).toBe(true)
  })

  test.each(foreign)('are pinned to an exact version or a digest: %s', (image) => {
    expect(image).toMatch(/:v?\d+\.\d+\.\d+[\w.-]*$|@sha256:[0-9a-f]{64}$/)
  })
})
