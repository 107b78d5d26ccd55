import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GUARD_VERSION, markerLine } from '../../../kong/guard/guard-name.ts'
import { recognize } from '../../../kong/guard/recognize.ts'
import { SOURCES } from '../../../kong/guard/sources.ts'
import { sourcesModule } from '../../../kong/guard/sources-module.ts'

const FOLDER = join(__dirname, '../../../kong/guard')
const readLua = (name: string) => readFileSync(join(FOLDER, `${name}.lua`), 'utf8')
const names = Object.keys(SOURCES) as (keyof typeof SOURCES)[]

describe('the sources of the guard', () => {
  test('are in step with the Lua files', () => {
    expect(readFileSync(join(FOLDER, 'sources.ts'), 'utf8')).toBe(sourcesModule(readLua))
  })

  test('are all the Lua files there are', () => {
    const files = readdirSync(FOLDER).filter((file) => file.endsWith('.lua'))
    expect(files.sort()).toEqual(names.map((name) => `${name}.lua`).sort())
  })

  test.each(names)('%s begins with its marker, is short and recognized', (name) => {
    const lines = SOURCES[name].split('\n')
    expect(lines[0]).toBe(markerLine(name))
    expect(lines.length).toBeLessThanOrEqual(45)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
    expect(recognize(SOURCES[name])).toEqual({ kind: 'current', name })
  })

  test('differ between the two first functions in their comments only', () => {
    const code = (name: keyof typeof SOURCES) => SOURCES[name].replaceAll(/^ *--.*\n/gm, '')
    expect(code('scoped-access-first')).toBe(code('global-access-first'))
  })

  test('refuse to embed Lua that a template literal would change', () => {
    expect(() => sourcesModule(() => 'return "\\n"')).toThrow(RangeError)
  })
})

describe('recognizing a function', () => {
  const lua = SOURCES['global-access-last']
  const name = 'global-access-last'

  test.each([
    ['one with Windows line ends', lua.replaceAll('\n', '\r\n'), { kind: 'current', name }],
    ['one with spaces at line ends', lua.replaceAll('\n', '  \n'), { kind: 'current', name }],
    ['one with blank lines around it', `\n\n${lua}\n\n`, { kind: 'current', name }],
    ['one with a changed status', lua.replace('503', '200'), { kind: 'modified', name }],
    ['one cut short', lua.slice(0, -20), { kind: 'modified', name }],
    [
      'one of another version',
      lua.replace(GUARD_VERSION, 'v1'),
      { kind: 'foreign', version: 'v1', name },
    ],
    [
      'one of another name',
      lua.replace(name, 'toString'),
      { kind: 'foreign', version: GUARD_VERSION, name: 'toString' },
    ],
    ['none in other Lua', 'return 1', undefined],
    ['none when the marker is not the first line', `-- mine\n${lua}`, undefined],
    ['none in an empty source', '', undefined],
  ])('sees %s', (_, source, expected) => {
    expect(recognize(source)).toEqual(expected)
  })
})
