import { existsSync, readFileSync } from 'node:fs'
import { parseFlags } from '../../plugins/pluginserver/flags.ts'
import { parseConfig } from '../../schema/parse-config.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const page = readFileSync('docs/limits.md', 'utf8')
const rows = [...page.matchAll(/^\| (.+?) \| (.+?) \| (.+?) \| `(.+?)` \|$/gm)].map(
  ([, what = '', bound = '', setBy = '', test = '']) => ({ what, bound, setBy, test }),
)

/** The value that a constant is given where it is declared: a number, or a product of some. */
function constant(file: string, name: string): number | undefined {
  const expression = new RegExp(`const ${name} = ([\\d_ *<]+)$`, 'm').exec(
    readFileSync(file, 'utf8'),
  )
  if (expression === null) return undefined
  const [, text = ''] = expression
  const shift = text
    .split('<<')
    .map((part) =>
      part.split('*').reduce((product, factor) => product * Number(factor.replaceAll('_', '')), 1),
    )
  return (shift[0] ?? 0) * 2 ** (shift[1] ?? 0)
}

/** The default of a field or a flag. */
function defaultOf(name: string): unknown {
  if (!name.startsWith('--')) {
    // The memory store, so that its fields are there.
    const config: unknown = parseConfig({ ...BASE_CONFIG, request_binding: { mode: 'strict' } })
    return name
      .split('.')
      .reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], config)
  }
  const flags = parseFlags(['--plugins-directory', '/plugins'])
  const member = name.slice(2).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  return Object.entries(flags).find(([key]) => key === member)?.[1]
}

function setValue(setBy: string): unknown {
  const [first = '', second] = [...setBy.matchAll(/`(.+?)`/g)].map(([, text = '']) => text)
  if (first === '') return 'in words'
  return second === undefined ? defaultOf(first) : constant(first, second)
}

test('there are rows', () => {
  expect(rows.length).toBeGreaterThan(30)
})

test.each(rows.map((row) => [row.what, row] as const))('%s is bound as it says', (_, row) => {
  const value = setValue(row.setBy)
  if (value !== 'in words') expect(row.bound.match(/\d+/g)).toContain(String(value))
  expect(existsSync(row.test)).toBe(true)
})
