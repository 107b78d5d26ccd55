import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** A socket whose other end is a test: each chunk given is one read, each write is noted as one. */
export class PipeSocket extends Duplex {
  readonly writes: Buffer[] = []

  /** As the server sees it. */
  get asSocket(): Socket {
    return this as unknown as Socket
  }

  /** One read of the server's. Resolves when all that follows from it without waiting has happened. */
  async receive(bytes: Buffer): Promise<void> {
    this.push(bytes)
    await new Promise(setImmediate)
    await new Promise(setImmediate)
  }

  setTimeout(): this {
    return this
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.writes.push(chunk)
    done()
  }
}

/** Every frame in some writes. */
export function framesIn(writes: readonly Buffer[]): Buffer[] {
  const bytes = Buffer.concat(writes)
  const frames: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at)
    frames.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return frames
}

/** A frame as it travels. */
export function framed(frame: Uint8Array): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(frame.length)
  return Buffer.concat([length, frame])
}
