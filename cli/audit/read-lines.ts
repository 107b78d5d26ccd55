import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { unreadable } from '../terminal/read-input.ts'
import { LineSplitter } from './line-splitter.ts'
import { LogLines } from './log-lines.ts'

const PIECE_BYTES = 256 * 1024
/** First bytes of compressed files. RFC 1952, 2.3.1; RFC 8878, 3.1.1; xz and bzip2 by their own pages. */
const GZIP = Buffer.from([0x1f, 0x8b])
const OTHERS: readonly (readonly [string, Buffer])[] = [
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a])],
  ['bzip2', Buffer.from('BZh')],
]

/**
 * The lines of files, one after the other, in batches as they arrive; `-` is standard input. gzip is
 * unpacked, what container runtimes and journald wrap around a line is taken off, blank lines are left
 * out. Throws `InputError` for a file that cannot be read.
 */
export async function* readLines(
  files: readonly string[],
  io: CliIo,
): AsyncGenerator<readonly string[]> {
  for (const file of files) {
    const splitter = new LineSplitter()
    const lines = new LogLines()
    const taken = (raw: readonly string[]) => raw.flatMap((line) => present(lines.take(line)))
    try {
      for await (const piece of unpacked(file, io)) yield taken(splitter.push(piece))
    } catch (cause) {
      if (cause instanceof InputError) throw cause
      throw unreadable(file, cause)
    }
    yield taken(splitter.end())
    for (let rest = lines.end(); rest !== undefined; rest = lines.end()) yield [rest]
  }
}

async function* unpacked(file: string, io: CliIo): AsyncGenerator<Buffer> {
  const source = file === '-' ? io.stdin : createReadStream(file, { highWaterMark: PIECE_BYTES })
  const pieces = buffersOf(source)
  const { head, rest } = await peek(pieces)
  const packer = OTHERS.find(([, magic]) => head.subarray(0, magic.length).equals(magic))?.[0]
  if (packer !== undefined) {
    throw new InputError(`${file}: is packed by ${packer}; expected text or gzip: unpack it first`)
  }
  if (!head.subarray(0, GZIP.length).equals(GZIP)) return yield* rest
  // A rotated file may hold several members; Node reads them as one. RFC 1952, 2.2.
  yield* Readable.from(rest).pipe(createGunzip()) as AsyncIterable<Buffer>
}

interface Peeked {
  readonly head: Buffer
  /** All pieces, the head included. */
  readonly rest: AsyncGenerator<Buffer>
}

/** Reads until the longest magic number is complete. */
async function peek(pieces: AsyncGenerator<Buffer>): Promise<Peeked> {
  let head: Buffer = Buffer.alloc(0)
  while (head.length < 5) {
    const next = await pieces.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }
  return { head, rest: continued(head, pieces) }
}

async function* continued(head: Buffer, pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head
  yield* pieces
}

async function* buffersOf(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<Buffer> {
  for await (const piece of source) {
    yield typeof piece === 'string'
      ? Buffer.from(piece)
      : Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
  }
}

function present(line: string | undefined): readonly string[] {
  return line === undefined || line === '' ? [] : [line]
}
