import { decode, encode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { FrameFault } from '../../../../../plugins/pluginserver/wire/frame-fault.ts'
import { FrameReader } from '../../../../../plugins/pluginserver/wire/msgpack/frame-reader.ts'
import { KONG_FRAMES } from '../../recordings.ts'

const LIMIT = { maxFrameBytes: 65_536 }

/** What a reader makes of a stream that arrives in these reads; copies, as frames do not outlive a read. */
function read(chunks: readonly Buffer[], limits = LIMIT): Buffer[] {
  const reader = new FrameReader(limits)
  const frames: Buffer[] = []
  for (const chunk of chunks) {
    reader.append(Buffer.from(chunk))
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      frames.push(Buffer.from(frame))
    }
  }
  return frames
}

function cut(bytes: Buffer, ...points: readonly number[]): Buffer[] {
  const sorted = [0, ...[...points].sort((a, b) => a - b), bytes.length]
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end))
}

describe('FrameReader', () => {
  test('finds every recorded frame at every split point', () => {
    expect(KONG_FRAMES.flatMap((frame) => wrongSplits(frame, [frame]))).toEqual([])
  })

  test('finds two recorded frames in one stream, split anywhere', () => {
    const pairs = KONG_FRAMES.map((frame, index) => [frame, KONG_FRAMES.at(index - 1) ?? frame])
    expect(pairs.flatMap((pair) => wrongSplits(Buffer.concat(pair), pair))).toEqual([])
  })

  test('finds every pair of recorded frames in one read', () => {
    const pairs = KONG_FRAMES.flatMap((first) => KONG_FRAMES.map((second) => [first, second]))
    expect(pairs.filter((pair) => !same(read([Buffer.concat(pair)]), pair))).toEqual([])
  })

  test('finds all recorded frames when every byte comes alone', () => {
    const bytes = [...Buffer.concat(KONG_FRAMES)].map((byte) => Buffer.from([byte]))
    expect(read(bytes).map(hex)).toEqual(KONG_FRAMES.map(hex))
  })

  test('finds any values, however the stream is parted', () => {
    const values = fc.array(fc.jsonValue({ maxDepth: 6 }), { minLength: 1 })
    fc.assert(
      fc.property(values, fc.array(fc.nat()), (each, points) => {
        const frames = each.map((value) => Buffer.from(encode(value)))
        const stream = Buffer.concat(frames)
        const chunks = cut(stream, ...points.map((point) => point % (stream.length + 1)))
        expect(same(read(chunks), frames)).toBe(true)
      }),
    )
  })

  test('returns frames or a fault for any bytes, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 64 })), (chunks) => {
        try {
          for (const frame of read(chunks.map((chunk) => Buffer.from(chunk)))) {
            expect(frame.length).toBeGreaterThan(0)
          }
        } catch (cause) {
          expect(cause).toBeInstanceOf(FrameFault)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test('accepts a frame of exactly the limit and refuses one byte more', () => {
    const frame = Buffer.from(encode('x'.repeat(1000)))
    expect(read([frame], { maxFrameBytes: frame.length })).toHaveLength(1)
    expect(() => read([frame], { maxFrameBytes: frame.length - 1 })).toThrow(FrameFault)
  })

  test('refuses a claimed length over the limit before its bytes have come', () => {
    expect(() => read([Buffer.from('c6ffffffff', 'hex')])).toThrow(/more than 65536 bytes/)
    expect(() => read([Buffer.from('ddffffffff', 'hex')])).toThrow(/values/)
    expect(() => read([Buffer.from('dfffffffff', 'hex')])).toThrow(/values/)
  })

  test('accepts the depth that a JSON body can have in Kong and refuses bottomless nesting', () => {
    const nested = (depth: number) =>
      Buffer.concat([Buffer.alloc(depth, 0x91), Buffer.from([0xc0])])
    expect(read([nested(1010)])).toHaveLength(1)
    expect(() => read([nested(2000)])).toThrow(/levels/)
  })

  test('refuses a frame of very many tiny values', () => {
    const bytes = Buffer.alloc(2_000_005, 0x80)
    bytes.writeUInt8(0xdd, 0)
    bytes.writeUInt32BE(2_000_000, 1)
    expect(() => read([bytes], { maxFrameBytes: 16_777_216 })).toThrow(/values/)
  })

  test.each(['c1', 'd4', 'd5', 'd6', 'd7', 'd8', 'c7', 'c8', 'c9'])(
    'refuses type byte %s',
    (lead) => {
      expect(() => read([Buffer.from(`${lead}0000000000`, 'hex')])).toThrow(FrameFault)
    },
  )

  test('returns what came before a fault', () => {
    const reader = new FrameReader(LIMIT)
    reader.append(Buffer.concat([encode('good'), Buffer.from([0xc1])]))
    expect(decode(reader.next() ?? [])).toBe('good')
    expect(() => reader.next()).toThrow(FrameFault)
  })
})

/** Where a stream may be parted such that these frames do not come out. */
function wrongSplits(stream: Buffer, frames: readonly Buffer[]): number[] {
  const points = Array.from({ length: stream.length + 1 }, (_, point) => point)
  return points.filter((point) => !same(read(cut(stream, point)), frames))
}

function same(some: readonly Buffer[], others: readonly Buffer[]): boolean {
  return some.length === others.length && some.every((each, at) => each.equals(others[at] ?? each))
}

function hex(frame: Buffer): string {
  return frame.toString('hex')
}
