import { type FileHandle, open, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { unreadable } from '../../terminal/read-input.ts'

/** How often a file that has been read to its end is looked at. */
const LOOK_MS = 200
const PIECE_BYTES = 256 * 1024

type Change = 'same' | 'gone' | 'replaced' | 'cut'

export interface FollowOptions {
  /** How much of what is there already is read; all of it where absent. */
  readonly lastBytes?: number
  /** Ends the following. */
  readonly signal: AbortSignal
  /** Told when the file has gone, been replaced or been cut. */
  readonly onChange: (what: Exclude<Change, 'same'>) => void
}

/** A piece of a file; `start` says that it does not continue the one before. */
export interface Piece {
  readonly bytes: Buffer
  readonly start: boolean
  /** Whether all that there is for now has been read. */
  readonly isLast: boolean
}

/**
 * Reads a file and goes on as it grows, until the signal: also when it is rotated, by rename or by cutting, and while
 * another is not there yet. What was written to the old file before the rename is read to its end. Throws `InputError`
 * where there is nothing to begin with.
 */
export async function* followFile(path: string, options: FollowOptions): AsyncGenerator<Piece> {
  const { lastBytes = Number.POSITIVE_INFINITY, signal, onChange } = options
  let file = await opened(path)
  let at = Math.max(0, (await file.stat()).size - lastBytes)
  let start = true
  let before: Change = 'same'
  /** Reads on to the present end. */
  async function* grown(): AsyncGenerator<Piece> {
    for await (const bytes of rest(file, at)) {
      at += bytes.length
      yield { bytes, start, isLast: false }
      start = false
    }
  }
  try {
    while (!signal.aborted) {
      yield* grown()
      yield { bytes: Buffer.alloc(0), start: false, isLast: true }
      const { change, next } = await look(path, file, at)
      if (change !== 'same' && change !== before) onChange(change)
      before = change === 'gone' ? change : 'same'
      if (change === 'same' || change === 'gone') {
        await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined)
        continue
      }
      if (next !== undefined) {
        // Lines that came between the last look and the rename.
        yield* grown()
        await file.close()
        file = next
      }
      at = 0
      start = true
    }
  } finally {
    await file.close()
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

async function* rest(file: FileHandle, from: number): AsyncGenerator<Buffer> {
  for (let at = from; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(PIECE_BYTES), 0, PIECE_BYTES, at)
    if (bytesRead === 0) return
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

interface Look {
  readonly change: Change
  /** The file that stands there now, where it is another one. */
  readonly next?: FileHandle
}

async function look(path: string, file: FileHandle, at: number): Promise<Look> {
  const named = await stat(path).catch(() => undefined)
  if (named === undefined) return { change: 'gone' }
  const ours = await file.stat()
  if (named.ino === ours.ino && named.dev === ours.dev) {
    return { change: ours.size < at ? 'cut' : 'same' }
  }
  const next = await open(path, 'r').catch(() => undefined)
  return next === undefined ? { change: 'gone' } : { change: 'replaced', next }
}
