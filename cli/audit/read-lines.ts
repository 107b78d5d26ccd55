import { createReadStream } from 'node:fs'
import type { CliIo } from '../terminal/io.ts'
import { unreadable } from '../terminal/read-input.ts'
import { LineSplitter } from './line-splitter.ts'

const PIECE_BYTES = 256 * 1024

/**
 * The lines of files, one after the other, in batches as they arrive; `-` is standard input. Blank
 * lines are left out. Throws `InputError` for a file that cannot be read.
 */
export async function* readLines(
  files: readonly string[],
  io: CliIo,
): AsyncGenerator<readonly string[]> {
  for (const file of files) {
    const lines = new LineSplitter()
    const source = file === '-' ? io.stdin : createReadStream(file, { highWaterMark: PIECE_BYTES })
    try {
      for await (const piece of source) yield present(lines.push(bytesOf(piece)))
    } catch (cause) {
      throw unreadable(file, cause)
    }
    yield present(lines.end())
  }
}

function present(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => line !== '')
}

function bytesOf(piece: Uint8Array | string): Buffer {
  if (typeof piece === 'string') return Buffer.from(piece)
  return Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
}
