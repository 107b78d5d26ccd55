import { kongEncoder } from '../../../../../kong/local-gateway/wire/msgpack/kong-encoder.ts'

describe("Kong's MessagePack writer", () => {
  test.each([
    [0, 'a0'],
    [31, 'bf'],
    [32, 'da0020'],
    [255, 'da00ff'],
    [65_535, 'daffff'],
    [65_536, 'db00010000'],
  ])('begins a text of %d bytes with %s', (length, header) => {
    const bytes = Buffer.from(kongEncoder().encode('x'.repeat(length)))
    expect(bytes.subarray(0, bytes.length - length).toString('hex')).toBe(header)
  })

  test('counts bytes, not characters', () => {
    const bytes = Buffer.from(kongEncoder().encode('é'.repeat(16)))
    expect(bytes.subarray(0, 3).toString('hex')).toBe('da0020')
  })
})
