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

/** Why a file could not be read, in the words of this program where the system's are terse. */
export function unreadable(file: string, cause: unknown): InputError {
  const { code, message = String(cause) } = cause as { code?: unknown; message?: string }
  return new InputError(`${file}: ${code === 'ENOENT' ? 'no such file' : message}`, { cause })
}

async function readAll(stdin: CliIo['stdin']): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
