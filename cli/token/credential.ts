import type { Command } from 'commander'
import { errorMessage } from '../../lib/error-message.ts'
import { checkCredential } from '../../sdk/node/credential.ts'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { readInput } from '../terminal/read-input.ts'

const DEFAULT_VARIABLE = 'OATHMESH_CREDENTIAL'
/** A text without folder and ending, as long as credentials are: the credential itself, given for its file. */
const MAY_BE_SECRET = /^[^./\\]{16,}$/

/** Where the secret is that proves this user to an issuer. */
export interface CredentialOptions {
  readonly credentialFile?: string
  readonly credentialEnv: string
}

export function addCredentialOptions(command: Command): Command {
  return command
    .option('--credential-file <file>', 'file with the credential; - for standard input')
    .option('--credential-env <name>', 'environment variable with the credential', DEFAULT_VARIABLE)
}

/**
 * The credential, or `undefined` when neither file nor variable has one. Throws `InputError`, which names
 * the place and quotes nothing, for a text that no header can carry.
 */
export async function readCredential(
  { credentialFile, credentialEnv }: CredentialOptions,
  io: CliIo,
): Promise<string | undefined> {
  if (credentialFile !== undefined) {
    const text = (await bytesOf(credentialFile, io)).toString('utf8').trim()
    if (text === '') throw new InputError(`${credentialFile}: is empty`)
    return checked(text, credentialFile)
  }
  const text = process.env[credentialEnv]?.trim()
  return text ? checked(text, credentialEnv) : undefined
}

async function bytesOf(file: string, io: CliIo): Promise<Buffer> {
  try {
    return await readInput(file, io)
  } catch (cause) {
    if (!MAY_BE_SECRET.test(file)) throw cause
    throw new InputError(
      '--credential-file: no such file; expected the name of a file that holds the credential',
    )
  }
}

function checked(text: string, place: string): string {
  try {
    return checkCredential(text, place)
  } catch (cause) {
    throw new InputError(errorMessage(cause))
  }
}
