import fc from 'fast-check'
import { parseJwkSet } from '../../../lib/keys/jwk-set.ts'
import { newKey } from './fixture.ts'

const key = newKey('key')
const text = JSON.stringify({ keys: [key.jwk] })

function parse(input: Uint8Array | string): 'set' | 'fault' {
  try {
    parseJwkSet(input)
    return 'set'
  } catch (fault) {
    if (fault instanceof TypeError) return 'fault'
    throw fault
  }
}

describe('reading a set', () => {
  test('ends in a set or a TypeError for any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => parse(bytes) !== undefined))
  })

  test('ends in a set or a TypeError for any JSON in any place', () => {
    const members = fc.dictionary(
      fc.constantFrom('kid', 'kty', 'crv', 'x', 'd', 'use', 'alg', 'key_ops', '__proto__'),
      fc.jsonValue(),
    )
    const entry = fc.oneof(
      fc.jsonValue(),
      members,
      members.map((some) => ({ ...key.jwk, ...some })),
    )
    const set = fc.record({ keys: fc.oneof(fc.jsonValue(), fc.array(entry, { maxLength: 5 })) })
    fc.assert(fc.property(set, (value) => parse(JSON.stringify(value)) !== undefined))
  })

  test('never yields a key that was cut or changed on the way', () => {
    const good = Buffer.from(text)
    for (let length = 0; length < good.length; length++) {
      expect(parse(good.subarray(0, length))).toBe('fault')
    }
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, difference) => {
        const bytes = Buffer.from(good)
        bytes[at] = (bytes[at] ?? 0) ^ difference
        if (parse(bytes) === 'fault') return true
        const lookup = parseJwkSet(bytes).keys.get('key')
        const x = JSON.parse(bytes.toString()).keys[0].x
        return lookup?.found !== 'key' || lookup.key.key.export({ format: 'jwk' }).x === x
      }),
    )
  })
})
