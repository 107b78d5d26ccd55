import { encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { FrameFault } from '../../../../../plugins/pluginserver/wire/frame-fault.ts'
import { decodeValue } from '../../../../../plugins/pluginserver/wire/msgpack/decode-value.ts'
import { bytesOf, RECORDINGS } from '../../recordings.ts'

const decoded = (hex: string) => decodeValue(Buffer.from(hex, 'hex'))

describe('decodeValue', () => {
  test('reads every recorded frame as it was meant', () => {
    for (const frame of RECORDINGS.flatMap(({ frames }) => frames)) {
      expect(decodeValue(bytesOf(frame))).toEqual(frame.message)
    }
  })

  test('reads whatever the library writes', () => {
    const values = fc.anything({
      withNullPrototype: false,
      maxDepth: 4,
      key: fc.string().filter(isPlain),
    })
    const supported = values.filter((value) => {
      try {
        encode(value)
        return true
      } catch {
        return false
      }
    })
    fc.assert(
      fc.property(fc.jsonValue(), supported, (json, any) => {
        expect(decodeValue(Buffer.from(encode(json)))).toEqual(JSON.parse(JSON.stringify(json)))
        expect(() => decodeValue(Buffer.from(encode(any)))).not.toThrow()
      }),
    )
  })

  test.each([
    ['7f', 127],
    ['e0', -32],
    ['ff', -1],
    ['ccff', 255],
    ['cdffff', 65_535],
    ['ceffffffff', 4_294_967_295],
    ['cf001fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['d080', -128],
    ['d18000', -32_768],
    ['d280000000', -2_147_483_648],
    ['d3ffe0000000000001', Number.MIN_SAFE_INTEGER],
    ['ca3fc00000', 1.5],
    ['cb3ff8000000000000', 1.5],
    ['c0', null],
    ['c2', false],
    ['c3', true],
    ['a0', ''],
    ['d90161', 'a'],
    ['da000161', 'a'],
    ['db0000000161', 'a'],
    ['90', []],
    ['dc0001c3', [true]],
    ['dd00000001c3', [true]],
    ['80', {}],
    ['de0001a161c3', { a: true }],
    ['df00000001a161c3', { a: true }],
    ['8107a162', { 7: 'b' }],
  ])('reads %s', (hex, value) => {
    expect(decoded(hex)).toEqual(value)
  })

  test.each(['c40161', 'c5000161', 'c60000000161'])(
    'reads the byte string %s as a Buffer',
    (hex) => {
      const value = decoded(hex)
      expect(Buffer.isBuffer(value)).toBe(true)
      expect(value).toEqual(Buffer.from('a'))
    },
  )

  test('copies byte strings, so that they do not hold the frame', () => {
    const frame = Buffer.from('c40161', 'hex')
    const value = decodeValue(frame)
    frame.fill(0)
    expect(value).toEqual(Buffer.from('a'))
  })

  test('keeps a header named __proto__ as a member and leaves the prototype alone', () => {
    const value = decodeValue(
      Buffer.from(`81a9${Buffer.from('__proto__').toString('hex')}9178`, 'hex'),
    )
    expect(Object.keys(value as object)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })

  test.each([
    ['an overlong slash', 'a2c0af'],
    ['a character cut short', 'a1c3'],
    ['a surrogate', 'a3eda080'],
  ])('does not read %s as well-formed text', (_, hex) => {
    expect(decoded(hex)).toMatch(/^�+$/)
  })

  test.each([
    ['nil', '81c0c0'],
    ['a list', '8190c0'],
    ['a byte string', '81c40161c0'],
  ])('refuses %s as a map key', (_, hex) => {
    expect(() => decoded(hex)).toThrow(FrameFault)
  })
})

function isPlain(key: string): boolean {
  return key !== '__proto__'
}
