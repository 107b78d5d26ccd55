import { readFile } from 'node:fs/promises'
import { InputError } from './input-error.ts'
import type { CliIo } from './io.ts'

/** The bytes of a file, or of standard input for `-`. Throws `InputError` when there are none to have. */
export async function readInput(file: string, { stdin }: CliIo): Promise<Buffer> {
  if (file === '-') return readAll(stdin)
  try {
    return await readFile(file)
  } catch (cause) {
    throw unreadable(file, cause)
  }
}

/** Longer than any name of a file on the systems that we know. */
const MAX_NAME = 255
/** A key in PEM, JSON, or a token: what a file holds, given in place of its name. */
const CONTENT = /\p{Cc}|^\s*[[{"]|^-----BEGIN|^[\w-]{16,}\.[\w-]{16,}\.[\w-]{16,}$/u

/**
 * Why a file could not be read, in the words of this program where the system's are terse. What a file holds is
 * not repeated where it was given in place of a name: it may be a key.
 */
export function unreadable(file: string, cause: unknown): InputError {
  if (isContent(file)) return new InputError('expected the name of a file, found what one may hold')
  const { code, message = String(cause) } = cause as { code?: unknown; message?: string }
  return new InputError(`${file}: ${code === 'ENOENT' ? 'no such file' : message}`, { cause })
}

function isContent(file: string): boolean {
  return CONTENT.test(file) || file.split('/').some((name) => name.length > MAX_NAME)
}

async function readAll(stdin: CliIo['stdin']): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
