import { readFile } from 'node:fs/promises'
import { InputError } from '../input-error.ts'
import type { CliIo } from '../io.ts'

/** The bytes of a file, or of standard input for `-`. Throws `InputError` when there are none to have. */
export async function readInput(file: string, { stdin }: CliIo): Promise<Buffer> {
  if (file === '-') return readAll(stdin)
  try {
    return await readFile(file)
  } catch (cause) {
    throw unreadable(file, cause)
  }
}

export function unreadable(file: string, cause: unknown): InputError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  const why = code === 'ENOENT' ? 'no such file' : code
  const message = cause instanceof Error ? cause.message : String(cause)
  return new InputError(`${file}: ${why ?? message}`, { cause })
}

async function readAll(stdin: CliIo['stdin']): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}
