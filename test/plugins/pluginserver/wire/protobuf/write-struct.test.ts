import fc from 'fast-check'
import { ByteWriter } from '../../../../../plugins/pluginserver/wire/protobuf/byte-writer.ts'
import { writeMessage } from '../../../../../plugins/pluginserver/wire/protobuf/write-message.ts'
import { writeStruct } from '../../../../../plugins/pluginserver/wire/protobuf/write-struct.ts'
import { libraryBytes, tables } from './structs.ts'

function bytesOf(table: object): Buffer {
  const writer = new ByteWriter()
  writeStruct(writer, table)
  return Buffer.from(writer.finish())
}

describe('a table is written', () => {
  test('byte for byte as the library writes it', () => {
    fc.assert(
      fc.property(tables, (table) => {
        expect(bytesOf(table).toString('hex')).toBe(
          Buffer.from(libraryBytes(table)).toString('hex'),
        )
      }),
    )
  })

  test.each([0, 41, 42, 43, 127, 128, 16_383, 16_384, 70_000])(
    'with texts of %i units',
    (length) => {
      for (const unit of ['a', 'é', '€', '\u{1f600}', '\ud800']) {
        const table = { key: unit.repeat(length), list: [unit.repeat(length), 'x'] }
        expect(bytesOf(table).equals(libraryBytes(table))).toBe(true)
      }
    },
  )

  test('at every size around the first buffer’s', () => {
    for (let length = 440; length < 560; length++) {
      const table = { key: 'a'.repeat(length), list: ['', 'b'], last: '' }
      expect(bytesOf(table).equals(libraryBytes(table))).toBe(true)
    }
  })

  test('without what is undefined or null', () => {
    expect(bytesOf({ a: undefined, b: null }).length).toBe(0)
  })

  test('not at all when it holds itself', () => {
    const table: Record<string, unknown> = {}
    table['self'] = table
    expect(() => bytesOf(table)).toThrow(TypeError)
  })
})

test.each([
  [0, ''],
  [1, '0801'],
  [127, '087f'],
  [128, '088001'],
  [1000, '08e807'],
  [2 ** 31, '088080808008'],
  [Number.MAX_SAFE_INTEGER, '08ffffffffffffff0f'],
  [-1, '08ffffffffffffffffff01'],
  [-(2 ** 31), '0880808080f8ffffffff01'],
  [Number.MIN_SAFE_INTEGER, '0881808080808080f0ff01'],
])('the number %i is written as %s', (v, hex) => {
  expect(Buffer.from(writeMessage('Int', { v })).toString('hex')).toBe(hex)
})
