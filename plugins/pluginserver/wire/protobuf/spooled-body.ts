import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { sep } from 'node:path'
import type { Log } from '../../../../lib/index.ts'
import { causeMessage } from '../../session/cause-text.ts'

/** A body with more bytes than the plugin wants to see. None of them were read. */
export class BodyOverLimit extends Error {
  override readonly name = 'BodyOverLimit'
  readonly code = 'ERR_BODY_OVER_LIMIT'
}

export interface BodyOptions {
  /** Where nginx spools bodies: `client_body_temp` in Kong's prefix. */
  readonly bodyFolder: string
  readonly log: Log
}

/** What Kong says of a body. */
export interface RawBody {
  readonly content?: unknown
  readonly bodyFilepath?: unknown
  readonly error?: unknown
}

/**
 * The body that Kong hands over, or has spooled to a file. `null` when it cannot be read. Rejects with
 * `BodyOverLimit` when there are more than `maxBytes`, before a byte is read.
 */
export async function bodyOf(
  { content, bodyFilepath, error }: RawBody,
  maxBytes: number,
  { bodyFolder, log }: BodyOptions,
): Promise<Buffer | null> {
  if (content instanceof Uint8Array) return bounded(Buffer.from(content), maxBytes)
  if (typeof bodyFilepath !== 'string') {
    log.warn('Kong could not read the body of a request', { cause: String(error ?? 'no answer') })
    return null
  }
  try {
    return await readSpooled(bodyFilepath, maxBytes, bodyFolder)
  } catch (cause) {
    if (cause instanceof BodyOverLimit) throw cause
    log.warn('the spooled body of a request cannot be read', {
      path: bodyFilepath,
      folder: bodyFolder,
      cause: causeMessage(cause),
    })
    return null
  }
}

function bounded(bytes: Buffer, maxBytes: number): Buffer {
  if (bytes.length > maxBytes) throw overLimit(bytes.length, maxBytes)
  return bytes
}

function overLimit(size: number, maxBytes: number): BodyOverLimit {
  return new BodyOverLimit(`the body has ${size} bytes, more than ${maxBytes}`)
}

/** Whoever can reach the socket names the path, so it leads to nothing but a body. */
async function readSpooled(path: string, maxBytes: number, bodyFolder: string): Promise<Buffer> {
  const folder = await realpath(bodyFolder)
  const file = await realpath(path)
  if (!file.startsWith(folder + sep)) throw new Error('it is not in the folder of bodies')
  // Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const handle = await open(file, flags)
  try {
    return await readRegular(handle, maxBytes)
  } finally {
    await handle.close()
  }
}

async function readRegular(handle: FileHandle, maxBytes: number): Promise<Buffer> {
  const stat = await handle.stat()
  if (!stat.isFile()) throw new Error('it is not a regular file')
  if (stat.size > maxBytes) throw overLimit(stat.size, maxBytes)
  const bytes = Buffer.allocUnsafe(stat.size)
  let read = 0
  while (read < bytes.length) {
    const { bytesRead } = await handle.read(bytes, read, bytes.length - read, read)
    if (bytesRead === 0) throw new Error('it became shorter while it was read')
    read += bytesRead
  }
  return bytes
}
