import { isDeepStrictEqual } from 'node:util'
import { FrameFault } from '../../../plugins/pluginserver/wire/frame-fault.ts'
import { decodeValue } from '../../../plugins/pluginserver/wire/msgpack/decode-value.ts'
import { FrameReader } from '../../../plugins/pluginserver/wire/msgpack/frame-reader.ts'
import { KONG_FRAMES } from '../../plugins/pluginserver/recordings.ts'
import { framesOf, oneByOne } from '../frames.ts'
import { type FuzzTarget, holds, unlessStated } from '../fuzz-target.ts'

const limits = { maxFrameBytes: 16 * 1024 }

/** Frames of Kong's MessagePack wire: the same however the reads part them, each a value or a stated fault. */
export const msgpackFrames: FuzzTarget = {
  name: 'msgpack-frames',
  seeds: KONG_FRAMES.filter(({ length }) => length < 4096),
  dictionary: ['\xc1', '\xdd\xff\xff\xff\xff', '\xdf\x00\x00\x00\x01', '\xa9__proto__', '\xc4\x00'],
  check(input) {
    const whole = framesOf(new FrameReader(limits), [input])
    const parted = framesOf(new FrameReader(limits), oneByOne(input))
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
