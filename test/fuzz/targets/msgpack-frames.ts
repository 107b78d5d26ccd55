import { isDeepStrictEqual } from 'node:util'
import { FrameFault } from '../../../plugins/pluginserver/wire/frame-fault.ts'
import { decodeValue } from '../../../plugins/pluginserver/wire/msgpack/decode-value.ts'
import { FrameReader } from '../../../plugins/pluginserver/wire/msgpack/frame-reader.ts'
import { KONG_FRAMES } from '../../plugins/pluginserver/recordings.ts'
import { type FuzzTarget, holds, unlessStated } from '../fuzz-target.ts'

const limits = { maxFrameBytes: 16 * 1024 }

/** Frames of Kong's MessagePack wire: the same however the reads part them, each a value or a stated fault. */
export const msgpackFrames: FuzzTarget = {
  name: 'msgpack-frames',
  seeds: KONG_FRAMES.filter(({ length }) => length < 4096),
  dictionary: ['\xc1', '\xdd\xff\xff\xff\xff', '\xdf\x00\x00\x00\x01', '\xa9__proto__', '\xc4\x00'],
  check(input) {
    const whole = framesOf([input])
    const parted = framesOf(Array.from(input, (byte) => Buffer.from([byte])))
    holds(isDeepStrictEqual(whole, parted), 'other frames when the reads are parted')
    for (const frame of whole) {
      const value = unlessStated(() => decodeValue(frame), FrameFault)
      holds(Object.getPrototypeOf({}) === Object.prototype, 'a prototype was changed')
      if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
        const own = Object.getPrototypeOf(value)
        holds(own === Object.prototype || Buffer.isBuffer(value), 'an object of another kind')
      }
    }
  },
}

function framesOf(reads: readonly Buffer[]): readonly Buffer[] {
  const reader = new FrameReader(limits)
  const frames: Buffer[] = []
  for (const read of reads) {
    reader.append(read)
    for (;;) {
      const next = unlessStated(() => ({ frame: reader.next() }), FrameFault)
      if (next === undefined) return frames
      if (next.frame === undefined) break
      frames.push(Buffer.from(next.frame))
    }
  }
  return frames
}
