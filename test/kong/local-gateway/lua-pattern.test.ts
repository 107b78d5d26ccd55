import { execFileSync } from 'node:child_process'
import { luaPattern } from '../../../kong/local-gateway/lua-pattern.ts'
import { KONG_FORMATS } from '../../../schema/kong-formats.ts'

const OTHERS = [
  '^a-b$',
  'a.c',
  '^[]x]+$',
  '[^%s]',
  '^%.%*$',
  '[a%-z]',
  '$a',
  'a$b',
  '[%w_-]',
  '^$',
  '[a-]',
]
const TEXTS = [
  ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).slice(1),
  ...['', 'abc', 'aab', 'ab', 'a c', '$a', 'a$b', '[]x', '.*', 'a-z', 'Kong "x"', 'a\\b', 'a\nb'],
  ...[
    'GET',
    'get',
    '/a/{b}',
    '/a.json',
    '/a.pkl',
    'a.json',
    '/a.yaml',
    'https://a/b?c',
    'HTTP://a',
  ],
  ...['https://a', 'https://u@a', 'redis://a', '::1', '[::1]', 'a:1', 'a.', '*.a', '127.0.0.1'],
]

/** Every pattern in `KONG_FORMATS`. */
function patternsIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => {
    if (name === 'pattern' || name === 'match') return [String(inner)]
    return name === 'patterns' ? (inner as string[]) : patternsIn(inner)
  })
}

describe('luaPattern', () => {
  const patterns = [...patternsIn(KONG_FORMATS), ...OTHERS]

  test('finds what Lua finds, for every pattern that Kong is given', () => {
    const quoted = (texts: readonly string[]) =>
      `{${texts.map((text) => `"${[...Buffer.from(text)].map((b) => `\\${String(b).padStart(3, '0')}`).join('')}"`).join(',')}}`
    const script = `for _, p in ipairs(${quoted(patterns)}) do
      for _, t in ipairs(${quoted(TEXTS)}) do io.write(t:match(p) and "1" or "0") end
    end`
    const found = execFileSync('lua5.1', ['-'], { input: script }).toString()
    const ours = patterns.flatMap((pattern) =>
      TEXTS.map((text) => (luaPattern(pattern).test(text) ? '1' : '0')),
    )
    const differ = ours.flatMap((own, at) =>
      own === found[at]
        ? []
        : [[patterns[Math.floor(at / TEXTS.length)], TEXTS[at % TEXTS.length]]],
    )
    expect(patterns.length).toBeGreaterThan(20)
    expect([found.length, differ]).toEqual([ours.length, []])
  })

  test.each(['(a)', '%b()', '%f[a]', '[a', '%'])('refuses %s', (pattern) => {
    expect(() => luaPattern(pattern)).toThrow(TypeError)
  })
})
