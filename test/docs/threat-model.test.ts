import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const page = readFileSync('docs/threat-model.md', 'utf8')
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>
}

interface Row {
  readonly boundary: string
  readonly kind: string
  readonly threat: string
  readonly heldBy: string
  readonly remains: string
}

const rows: readonly Row[] = page
  .slice(page.indexOf('## Threats'), page.indexOf('## What remains'))
  .split('### ')
  .slice(1)
  .flatMap((section) => {
    const [boundary = ''] = section.split('\n', 1)
    return [...section.matchAll(/^\| (\w) \| (.+?) \| .+ \| (.+?) \| (.+?) \|$/gm)].map(
      ([, kind = '', threat = '', heldBy = '', remains = '']) => {
        return { boundary, kind, threat, heldBy, remains }
      },
    )
  })

/** What a row names: files and folders of the repository, a name alone lying beside the one before; or a command. */
function named({ heldBy }: Row): readonly string[] {
  let folder = '.'
  return [...heldBy.matchAll(/`([^`]+)`/g)].map(([, text = '']) => {
    if (text.startsWith('npm run ')) return text
    const path = text.includes('/') ? text : join(folder, text)
    folder = dirname(path)
    return path
  })
}

function exists(reference: string): boolean {
  const script = /^npm run (\S+)/.exec(reference)?.[1]
  if (script !== undefined) return script in scripts
  if (!reference.includes('*')) return existsSync(reference)
  const [start = '', end = ''] = reference.split('*')
  return readdirSync(dirname(start)).some((name) => {
    const path = join(dirname(start), name)
    return path.startsWith(start) && path.endsWith(end)
  })
}

describe('the threat model', () => {
  test('has its rows', () => {
    expect(rows.length).toBeGreaterThan(45)
    expect(new Set(rows.map(({ boundary }) => boundary)).size).toBe(10)
  })

  test('goes through all of STRIDE', () => {
    expect([...new Set(rows.map(({ kind }) => kind))].toSorted().join('')).toBe('DEIRST')
  })

  test.each(rows.map((row) => [row.threat, row] as const))('is held: %s', (_, row) => {
    expect(named(row)).not.toEqual([])
    expect(named(row).filter((reference) => !exists(reference))).toEqual([])
    expect(row.remains).not.toBe('')
  })

  test('a row that names nothing that is there is told', () => {
    const row = { boundary: '', kind: 'S', threat: '', remains: '', heldBy: '`test/x`, `y.ts`' }
    expect(named(row).filter((reference) => !exists(reference))).toEqual(['test/x', 'test/y.ts'])
  })

  test('has a row for every attack that has a test', () => {
    const attacks = readdirSync('test/weaknesses').filter((name) => name.endsWith('.test.ts'))
    expect(attacks.length).toBeGreaterThan(10)
    expect(attacks.filter((name) => !page.includes(`test/weaknesses/${name}`))).toEqual([])
  })
})
