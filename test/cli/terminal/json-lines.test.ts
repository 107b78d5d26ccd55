import fc from 'fast-check'
import { jsonLines } from '../../../cli/terminal/json-lines.ts'

describe('lines of JSON', () => {
  test('are those on which names and items begin', () => {
    const text = '{\n  "a": [\n    1,\n    {"b":\n      "x\\n\\"{"}\n  ],\n  "c\\u0064": true\n}\n'
    expect([...jsonLines(text).lines]).toEqual([
      ['', 1],
      ['a', 2],
      ['a[0]', 3],
      ['a[1]', 4],
      ['a[1].b', 4],
      ['cd', 7],
    ])
  })

  test('tell of the first member that stands twice', () => {
    expect(jsonLines('{"a": {"b": 1},\n"c": {"b": 1,\n"b": 2}}').repeated).toEqual({
      path: 'c.b',
      line: 3,
    })
    expect(jsonLines('[{"b": 1}, {"b": 1}]').repeated).toBeUndefined()
  })

  test.each([
    ['a comma too many', '[\n1,\n]', 3],
    ['a comma too few', '[\n1\n2]', 3],
    ['a name without quotes', '{\na: 1}', 2],
    ['no colon', '{"a"\n1}', 2],
    ['a bracket of the other kind', '[\n1\n}', 3],
    ['no end', '[\n1\n', 3],
    ['an end too many', '{}\n}', 2],
    ['a string without end', '["\na"]', 1],
    ['an unknown word', '[true,\nyes]', 2],
    ['nothing', '', 1],
  ])('tell where JSON ends for %s', (_what, text, line) => {
    expect(jsonLines(text).broken).toBe(line)
  })

  test('agree with JSON.parse on what JSON is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(jsonLines(text).broken).toBeUndefined()
      }),
    )
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '1',
      ' ',
      '\n',
      'null',
      '"',
      '\u00a0',
      '"\u0080"',
      '"\u001f"',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 7 }), (pieces) => {
        const text = pieces.join('')
        expect([text, jsonLines(text).broken === undefined]).toEqual([text, parses(text)])
      }),
      { numRuns: 5000 },
    )
  })
})

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
