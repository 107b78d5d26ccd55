import { FrameFault } from '../../plugins/pluginserver/wire/frame-fault.ts'
import { unlessStated } from './fuzz-target.ts'

/** What cuts a stream of bytes into frames, of either wire. */
export interface FrameCutter {
  append(chunk: Buffer): void
  next(): Buffer | undefined
}

/** Every frame that comes of these reads, up to the first fault. */
export function framesOf(reader: FrameCutter, reads: readonly Buffer[]): readonly Buffer[] {
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

/** The same bytes in one read each. */
export function oneByOne(bytes: Buffer): readonly Buffer[] {
  return Array.from(bytes, (byte) => Buffer.from([byte]))
}
