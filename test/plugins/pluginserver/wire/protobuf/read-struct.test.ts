import { fromBinary, toJson } from '@bufbuild/protobuf'
import { StructSchema } from '@bufbuild/protobuf/wkt'
import fc from 'fast-check'
import { FrameFault } from '../../../../../plugins/pluginserver/wire/frame-fault.ts'
import {
  readStruct,
  readValue,
} from '../../../../../plugins/pluginserver/wire/protobuf/read-struct.ts'
import { libraryBytes, tables } from './structs.ts'

/** A table, or undefined for bytes that are none. Whatever else is thrown is a defect. */
function tableOf(bytes: Uint8Array): unknown {
  try {
    return readStruct(bytes)
  } catch (cause) {
    expect(cause).toBeInstanceOf(FrameFault)
    return undefined
  }
}

function libraryTableOf(bytes: Uint8Array): unknown {
  try {
    return toJson(StructSchema, fromBinary(StructSchema, bytes))
  } catch {
    return undefined
  }
}

describe('a table', () => {
  test('that the library has written is read as it was', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const bytes = Buffer.from(libraryBytes(table))
        expect(readStruct(bytes)).toEqual(libraryTableOf(bytes))
      }),
      { endOnFailure: true },
    )
  })

  test('that is cut off anywhere is a fault, or what it was before', () => {
    fc.assert(
      fc.property(tables, fc.double({ min: 0, max: 1, noNaN: true }), (table, share) => {
        const whole = libraryBytes(table)
        const bytes = whole.subarray(0, Math.floor(whole.length * share))
        expect(tableOf(bytes)).toEqual(libraryTableOf(bytes))
      }),
      { endOnFailure: true },
    )
  })

  test('of which a byte was changed is a table or a fault', () => {
    fc.assert(
      fc.property(tables, fc.nat(), fc.nat(255), (table, place, byte) => {
        const bytes = Buffer.from(libraryBytes(table))
        if (bytes.length > 0) bytes[place % bytes.length] = byte
        tableOf(bytes)
      }),
      { numRuns: 300, endOnFailure: true },
    )
  })
})

test('any bytes are a table or a fault', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      tableOf(bytes)
    }),
    { numRuns: 2000 },
  )
})

describe('no table and no value is', () => {
  test.each([
    ['an entry longer than its table', '0a05'],
    ['a key longer than its entry', '0a020a05'],
    ['a text longer than its value', '0a0412021a05'],
    ['a number cut short', '0a0a12081100000000000000'],
    ['a length without end', '0affffffffffffffffffffff'],
    ['a tag without end', 'ffffffffffffffffffffff'],
    ['the field 0', '0000'],
    ['a field in front of which the length lies', '120a00'],
    ['an unknown number of eight bytes, cut short', '1100'],
    ['an unknown number of four bytes, cut short', '1500'],
    ['a group', '0b0c'],
    ['a group without end', '0b'],
    ['a type that there is not', '0f'],
  ])('%s', (_, hex) => {
    expect(() => readStruct(Buffer.from(hex, 'hex'))).toThrow(FrameFault)
  })
})

describe('what this version does not know', () => {
  test('is passed over', () => {
    const unknown = ['1001', `19${'00'.repeat(8)}`, '220161', '2d00000000'].join('')
    const bytes = Buffer.from(`${unknown}0a080a016112031a0162${unknown}`, 'hex')
    expect(readStruct(bytes)).toEqual({ a: 'b' })
  })

  test('is no value, and takes none away', () => {
    expect(readValue(Buffer.from('4001', 'hex'))).toBeUndefined()
    expect(readValue(Buffer.from('1a01624001', 'hex'))).toBe('b')
  })
})

test('a member named __proto__ is a member', () => {
  const table = readStruct(Buffer.from('0a100a095f5f70726f746f5f5f12031a0161', 'hex'))
  expect(Object.keys(table)).toEqual(['__proto__'])
  expect(Object.getPrototypeOf(table)).toBe(Object.prototype)
})
