import { stat } from 'node:fs/promises'
import { errorMessage } from '../../lib/error-message.ts'
import type { SigningKey } from '../../lib/token/mint.ts'
import { readSigningKey } from '../../lib/token/signing-key.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { readInput } from '../terminal/read-input.ts'

const OTHERS = 0o077

/**
 * The private key in a PEM file, or on standard input for `-`. Throws `InputError` that quotes nothing
 * of it. A file that others on this machine can read is used, and complained about.
 */
export async function readKey(file: string, io: CliIo, kid?: string): Promise<SigningKey> {
  const pem = await readInput(file, io)
  if (file !== '-' && (await modeOf(file)) & OTHERS) {
    io.stderr.write(`${file}: others can read or write this key; "chmod 600" takes that away\n`)
  }
  try {
    return readSigningKey(pem, kid)
  } catch (cause) {
    const why = errorMessage(cause)
    throw new InputError(`${file}: ${why}`, { cause })
  }
}

async function modeOf(file: string): Promise<number> {
  // Windows has other permissions and shows all of these.
  return process.platform === 'win32' ? 0 : (await stat(file)).mode
}
