import { readFileSync } from 'node:fs'

const LINE_END = /\r?\n$/

/**
 * The bytes of a secret that a file holds, without one line end after them. Throws `TypeError` that begins with
 * `field` for a file that cannot be read or holds nothing. The path is not repeated: where somebody has written
 * the secret in place of its file's name, it would be in the log.
 */
export function readSecretFile(path: string, field: string): Buffer {
  const text = read(path, field).toString('latin1').replace(LINE_END, '')
  if (text === '') throw new TypeError(`${field}: the file is empty; it must hold the secret`)
  return Buffer.from(text, 'latin1')
}

function read(path: string, field: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new TypeError(
      `${field}: cannot be read (${codeOf(cause)}); expected the name of a file that holds the secret`,
    )
  }
}

/** Not by class: an error of the file system may come from another realm. */
function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? 'unknown cause'
}
