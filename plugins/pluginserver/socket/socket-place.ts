import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * What the kernel keeps of a socket's path: 108 bytes with a closing zero on Linux, 104 elsewhere. Beyond,
 * the name is cut off without a word, and nobody finds the socket.
 */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103

/**
 * The name under which a socket is made before it takes its place at `path`. Throws a `TypeError` when no
 * socket can be made there: the path is too long, or its folder is missing.
 */
export function socketPlace(path: string): string {
  const temporary = join(dirname(path), `.${process.pid.toString(36)}`)
  for (const name of [path, temporary]) {
    const bytes = Buffer.byteLength(name)
    if (bytes <= MAX_PATH_BYTES) continue
    throw new TypeError(
      `the path of the socket has ${bytes} bytes and may have ${MAX_PATH_BYTES}: choose a shorter --kong-prefix or --sock-name (${name})`,
    )
  }
  assertFolder(dirname(path))
  return temporary
}

function assertFolder(folder: string): void {
  let found: string
  try {
    if (statSync(folder).isDirectory()) return
    found = 'is not a folder'
  } catch (cause) {
    const { code = 'an unknown fault' } = cause as NodeJS.ErrnoException
    found = code === 'ENOENT' ? 'does not exist' : `cannot be looked into (${code})`
  }
  throw new TypeError(
    `the folder of the socket, ${folder}, ${found}: create it, or name another one with --kong-prefix`,
  )
}
