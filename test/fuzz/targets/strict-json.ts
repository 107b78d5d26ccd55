import { isUtf8 } from 'node:buffer'
import { isDeepStrictEqual } from 'node:util'
import { parseStrictJson } from '../../../lib/token/strict-json.ts'
import { type FuzzTarget, holds, text, unlessStated } from '../fuzz-target.ts'

/** JSON: what is taken is what `JSON.parse` reads, with each member once. */
export const strictJson: FuzzTarget = {
  name: 'strict-json',
  seeds: [
    '{"iss":"a","aud":["b"],"iat":1774911000,"n":null,"t":true,"d":-1.5e3}',
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '[{"a":{"a":{"a":[]}}},"}{\\"",{"__proto__":1}]',
    '"\\ud800"',
    ' [ ] ',
  ].map(text),
  dictionary: ['{', '}', '[', ']', ':', ',', '"', '\\', '\\"', '"a":', '\\u0061', '1e5', '\xff'],
  check(input) {
    const value = unlessStated(() => parseStrictJson(input), SyntaxError)
    if (value === undefined) return
    holds(isUtf8(input), 'malformed UTF-8 was taken')
    holds(isDeepStrictEqual(value, JSON.parse(input.toString())), 'read as something else')
    const again = JSON.stringify(value)
    // Not always the same value: 1e555 is read as Infinity, which is written as null.
    holds(isDeepStrictEqual(parseStrictJson(again), JSON.parse(again)), 'its own value is refused')
    holds(membersIn(input.toString()) === membersIn(again), 'a member was lost')
  },
}

/** How many members stand in a text of JSON, those that a parser drops included. */
function membersIn(json: string): number {
  const withoutStrings = json.replace(/"(?:[^"\\]|\\.)*"/gs, '')
  return withoutStrings.split(':').length - 1
}
