import fc from 'fast-check'
import { parseStrictJson } from '../../../lib/token/strict-json.ts'

describe('parseStrictJson', () => {
  test('agrees with JSON.parse on everything that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        expect(parseStrictJson(Buffer.from(text))).toEqual(JSON.parse(text))
      }),
      { numRuns: 1000 },
    )
  })

  test('refuses every document in which one object names a member twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), fc.jsonValue(), (name, a, b) => {
        const key = JSON.stringify(name)
        const twice = `[{"x":{${key}:${JSON.stringify(a)}, ${key} :${JSON.stringify(b)}}}]`
        expect(() => parseStrictJson(twice)).toThrow(SyntaxError)
      }),
    )
  })

  test.each([
    ['a name once plain and once escaped', '{"a":1,"\\u0061":2}'],
    ['a name twice with other members between', '{"a":1,"b":{"a":2},"a":3}'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}'],
    ['trailing bytes', '{}x'],
    ['two documents', '{}{}'],
    ['a comment', '{}//'],
    ['a trailing comma', '{"a":1,}'],
    ['single quotes', "{'a':1}"],
    ['nothing', ''],
    ['NaN', '{"a":NaN}'],
  ])('refuses %s', (_, text) => {
    expect(() => parseStrictJson(text)).toThrow(SyntaxError)
  })

  test.each([
    ['the same name in two objects', '[{"a":1},{"a":2}]'],
    ['a value that looks like a name', '{"a":"b","b":"a"}'],
    ['names as values in a list', '{"a":["a","a"]}'],
    ['a name that ends in a backslash', '{"a\\\\":1,"a":2}'],
    ['a name with a quote', '{"a\\"":1,"a":2}'],
  ])('accepts %s', (_, text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text))
  })

  test.each([[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]])(
    'refuses invalid UTF-8 beginning with %i',
    (...bytes) => {
      const json = Buffer.concat([Buffer.from('"'), Buffer.from(bytes), Buffer.from('"')])
      expect(() => parseStrictJson(json)).toThrow('invalid UTF-8')
    },
  )

  test('gives a member named __proto__ no power over the prototype', () => {
    const value = parseStrictJson('{"__proto__":{"sub":"svc://a"}}') as { sub?: unknown }
    expect(value.sub).toBeUndefined()
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  test('reads deep nesting without running out of stack', () => {
    const deep = '['.repeat(30_000) + ']'.repeat(30_000)
    expect(() => parseStrictJson(deep)).not.toThrow(RangeError)
  })

  describe('with whole numbers', () => {
    const parse = (text: string) => parseStrictJson(text, { wholeNumbers: ['exp'] })

    test.each(['{"exp":1e3}', '{"exp":1.0}', '{"exp": 1E+3}', '{"a":{},"exp":-1.5}'])(
      'refuses %s',
      (text) => {
        expect(() => parse(text)).toThrow('not a whole number')
      },
    )

    test.each([
      '{"exp":1000}',
      '{"rate":1.5,"exp":1}',
      '{"src":{"exp":1.5},"exp":1}',
      '{"exp":true}',
    ])('accepts %s', (text) => {
      expect(parse(text)).toEqual(JSON.parse(text))
    })
  })
})
