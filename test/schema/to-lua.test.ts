import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import configSchema from '../../schema/config.schema.json' with { type: 'json' }
import type { JsonSchema } from '../../schema/json-schema.ts'
import { ENTITY_FIELDS } from '../../schema/kong-entity.ts'
import { toKongRecord } from '../../schema/to-kong.ts'
import { toLua } from '../../schema/to-lua.ts'

/** Loads a chunk with nothing but `ngx.null`, as no `require` may be in it, and prints its value as JSON. */
const PRINT_AS_JSON = `
  local chunk = assert(loadstring(io.read("*a")))
  local null = {}
  setfenv(chunk, { ngx = { null = null } })
  local function quote(text)
    return '"' .. text:gsub('[%c"\\\\]', function(c) return string.format("\\\\u%04x", c:byte()) end) .. '"'
  end
  local function json(value)
    if type(value) == "string" then return quote(value) end
    if value == null then return "null" end
    if type(value) ~= "table" then return tostring(value) end
    local parts = {}
    if #value > 0 then
      for _, member in ipairs(value) do parts[#parts + 1] = json(member) end
      return "[" .. table.concat(parts, ",") .. "]"
    end
    for key, member in pairs(value) do parts[#parts + 1] = quote(key) .. ":" .. json(member) end
    return "{" .. table.concat(parts, ",") .. "}"
  end
  io.write(json(chunk()))
`

interface Dumped {
  readonly Name: string
  readonly Schema: Shape
}

interface Shape {
  readonly name: string
  readonly fields: unknown
}

function loaded(chunk: string): Shape {
  return JSON.parse(
    execFileSync('lua5.1', ['-e', PRINT_AS_JSON], { input: chunk }).toString(),
  ) as Shape
}

/** Every attribute of every field with its path. */
function attributes(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [[path, value]]
  return Object.entries(value).flatMap(([name, member]) => attributes(member, `${path}/${name}`))
}

describe('kong/schema.lua', () => {
  const chunk = readFileSync('kong/schema.lua', 'utf8')
  const lua = loaded(chunk)
  const { Plugins } = JSON.parse(
    execFileSync(process.execPath, [
      'dist/bin/oathmesh-pluginserver.cjs',
      '--plugins-directory',
      'dist/kong',
      '--dump-all-plugins',
    ]).toString(),
  ) as { Plugins: Dumped[] }
  const [dumped] = Plugins
  const inLua = new Map(attributes(lua))

  test('is what the schema generates', () => {
    expect(chunk).toBe(toLua('oathmesh', configSchema as JsonSchema))
  })

  test('has each attribute of each field that the plugin server dumps, and no other', () => {
    const dump = attributes(dumped?.Schema)
    expect(dump.length).toBeGreaterThan(300)
    for (const [path, value] of dump) expect([path, inLua.get(path)]).toEqual([path, value])
    expect([...inLua.keys()].sort()).toEqual(dump.map(([path]) => path).sort())
  })

  test('has the fields of the schema in their order', () => {
    expect(lua).toEqual({
      name: 'oathmesh',
      fields: [...ENTITY_FIELDS, { config: toKongRecord(configSchema as JsonSchema) }],
    })
  })

  test.each([
    'default',
    'between',
    'one_of',
    'len_min',
    'len_max',
    'required',
    'referenceable',
    'encrypted',
    'description',
    'entity_checks',
    'match_any',
  ])('has fields with %s', (attribute) => {
    const paths = [...inLua.keys()]
    expect(paths.some((path) => path.split('/').includes(attribute))).toBe(true)
  })

  test('marks the secrets', () => {
    expect(chunk).toMatch(/password = \{[^}]*referenceable = true,\s+encrypted = true/)
  })

  test('can be read where there is no ngx', () => {
    const read =
      'local chunk = assert(loadstring(io.read("*a"))) setfenv(chunk, {}) print(chunk().name)'
    const name = execFileSync('lua5.1', ['-e', read], { input: chunk }).toString()
    expect(name).toBe('oathmesh\n')
  })

  test('requires nothing', () => {
    expect(chunk).not.toMatch(/\brequire\s*[("']/)
  })
})

describe('toLua', () => {
  const described = (description: string): JsonSchema => ({
    properties: { end: { type: 'string', description, default: 'x' } },
  })

  test.each([
    ['quotes and backslashes', 'say "no" to \\n'],
    ['line ends and zeros', 'one\r\ntwo\0three'],
    ['digits after an escape', '"1'],
    ['what looks like the end of a comment', ']] --[['],
    ['letters beyond ASCII', 'Kong’s – “own” \u0085 词'],
  ])('keeps %s', (_, description) => {
    const fields = loaded(toLua('x', described(description))).fields as readonly {
      config?: { fields: unknown }
    }[]
    const { config } = fields.at(-1) ?? {}
    expect(config?.fields).toEqual([{ end: { type: 'string', default: 'x', description } }])
  })

  test('keeps to lines of 100 characters where a value can be divided', () => {
    const lines = toLua('oathmesh', configSchema as JsonSchema).split('\n')
    expect(
      lines.filter((line) => line.length > 100 && !/(?:description|err) = "/.test(line)),
    ).toEqual([])
  })

  test('refuses what Lua cannot say exactly', () => {
    const schema: JsonSchema = { properties: { share: { type: 'integer', default: 0.1 } } }
    expect(() => toLua('x', schema)).toThrow(TypeError)
  })
})
