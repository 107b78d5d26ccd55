import fc from 'fast-check'
import { LineSplitter } from '../../../cli/audit/line-splitter.ts'

function split(...pieces: readonly Buffer[]): readonly string[] {
  const lines = new LineSplitter()
  return [...pieces.flatMap((piece) => lines.push(piece)), ...lines.end()]
}

describe('LineSplitter', () => {
  test('gives the same lines wherever the bytes are cut', () => {
    const line = fc
      .string({ unit: 'grapheme', maxLength: 30 })
      .map((of) => of.replaceAll(/\s/g, ''))
    fc.assert(
      fc.property(fc.array(line, { minLength: 1 }), fc.nat(), fc.nat(), (lines, one, other) => {
        const bytes = Buffer.from(`${lines.join('\n')}\n`)
        const [first = 0, second = 0] = [one, other]
          .map((at) => at % bytes.length)
          .sort((a, b) => a - b)
        const pieces = [
          bytes.subarray(0, first),
          bytes.subarray(first, second),
          bytes.subarray(second),
        ]
        expect(split(...pieces)).toEqual(lines)
      }),
    )
  })

  test('gives a line that nothing ends, and drops a carriage return', () => {
    expect(split(Buffer.from('a\r\nb'))).toEqual(['a', 'b'])
  })

  test('keeps no more than 64 KiB of a line', () => {
    const piece = Buffer.alloc(1 << 20, 'x')
    const [long, next] = split(piece, piece, Buffer.from('\nb\n'))
    expect([long?.length, next]).toEqual([64 * 1024, 'b'])
  })
})
