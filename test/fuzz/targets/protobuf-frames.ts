import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { FrameFault } from '../../../plugins/pluginserver/wire/frame-fault.ts'
import { FrameReader } from '../../../plugins/pluginserver/wire/protobuf/frame-reader.ts'
import { MESSAGES, type MessageName } from '../../../plugins/pluginserver/wire/protobuf/messages.ts'
import { readMessage } from '../../../plugins/pluginserver/wire/protobuf/read-message.ts'
import { framesOf, oneByOne } from '../frames.ts'
import { type FuzzTarget, holds, unlessStated } from '../fuzz-target.ts'

interface Recorded {
  readonly exchanges: readonly {
    readonly frames: readonly { readonly from: string; readonly hex?: string }[]
  }[]
}

const { exchanges }: Recorded = JSON.parse(
  readFileSync('test/fixtures/pb-transcripts.json', 'utf8'),
)
const NAMES = Object.keys(MESSAGES) as readonly MessageName[]
const limits = { maxFrameBytes: 16 * 1024 }

/** Frames of Kong's ProtoBuf wire: the same however the reads part them, each a message or a stated fault. */
export const protobufFrames: FuzzTarget = {
  name: 'protobuf-frames',
  seeds: exchanges.flatMap(({ frames }) =>
    frames.flatMap(({ hex }) => (hex === undefined ? [] : [framed(Buffer.from(hex, 'hex'))])),
  ),
  dictionary: ['\x00\x00\x00\x00', '\xff\xff\xff\xff', '\x08\x80', '\x1a\x00', '__proto__'],
  check(input) {
    const whole = framesOf(new FrameReader(limits), [input])
    const parted = framesOf(new FrameReader(limits), oneByOne(input))
    holds(isDeepStrictEqual(whole, parted), 'other frames when the reads are parted')
    for (const frame of whole) {
      for (const name of NAMES) unlessStated(() => readMessage(name, frame), FrameFault)
    }
  },
}

function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(message.length)
  return Buffer.concat([length, message])
}
