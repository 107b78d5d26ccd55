import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize, resolve } from 'node:path'

const ROOT = resolve(__dirname, '../..')
const SHIPPED = ['lib', 'schema', 'plugins', 'kong', 'issuer', 'cli', 'sdk', 'envoy', 'explorer']
const IMPORT = /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm

interface Arrow {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

const arrows: readonly Arrow[] = sources().flatMap((from) =>
  Array.from(
    readFileSync(join(ROOT, from), 'utf8').matchAll(IMPORT),
    ([, type, fixed, dynamic]) => ({
      from,
      to: normalize(join(dirname(from), fixed ?? dynamic ?? '')),
      typeOnly: type !== undefined,
    }),
  ),
)

/** What Biome cannot say of imports; the rest is in its overrides, probed in lint-rules.test.ts. */
describe('imports', () => {
  test('there are some to look at', () => {
    expect(arrows.length).toBeGreaterThan(500)
  })

  test('no folder imports in a circle', () => {
    const next = new Map<string, Set<string>>()
    for (const { from, to } of arrows) {
      const [here, there] = [roomOf(from), roomOf(to)]
      if (here !== there) next.set(here, (next.get(here) ?? new Set()).add(there))
    }
    expect(circles(next)).toEqual([])
  })

  test('the schemas take types alone from the core', () => {
    const taken = arrows.filter(
      ({ from, to }) => from.startsWith('schema/') && to.startsWith('lib/'),
    )
    expect(taken.length).toBeGreaterThan(0)
    expect(taken.filter(({ typeOnly }) => !typeOnly)).toEqual([])
  })
})

function sources(): string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '--', ...SHIPPED.map((dir) => `:(glob)${dir}/**/*.ts`)],
    {
      cwd: ROOT,
      encoding: 'utf8',
    },
  )
  return listed
    .trim()
    .split('\n')
    .filter((file) => !file.endsWith('.d.ts'))
}

/** A part of the house: a folder below a top one, or a file in a top one, barrels among them. */
function roomOf(file: string): string {
  return file.split('/', 2).join('/')
}

/** The sets of rooms of which each reaches the other. Tarjan would be shorter to run, not to read. */
function circles(next: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const found = [...next.keys()].filter((room) => reach(next, room).has(room))
  return found.map(
    (room) =>
      `${room} -> ${[...(next.get(room) ?? [])].filter((other) => reach(next, other).has(room)).join(', ')}`,
  )
}

function reach(next: ReadonlyMap<string, ReadonlySet<string>>, start: string): Set<string> {
  const seen = new Set<string>()
  const open = [...(next.get(start) ?? [])]
  for (let room = open.pop(); room !== undefined; room = open.pop()) {
    if (seen.has(room)) continue
    seen.add(room)
    open.push(...(next.get(room) ?? []))
  }
  return seen
}
