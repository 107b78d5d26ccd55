import { existsSync } from 'node:fs'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { readInput } from '../terminal/read-input.ts'

export const TOKEN_ARGUMENT =
  'token, or the whole Authorization value; @file, or - for standard input'

/**
 * The `Authorization` value of a call from what a user gives: a bare token gets its scheme. Throws
 * `InputError` when there is nothing, and never repeats what there is.
 */
export async function readAuthorization(argument: string, io: CliIo): Promise<string> {
  const text = (await textOf(argument, io)).trim().replace(/^authorization:[ \t]*/i, '')
  if (text === '') throw new InputError('the token is empty')
  return /[ \t]/.test(text) ? text : `OathMesh ${text}`
}

async function textOf(argument: string, io: CliIo): Promise<string> {
  const file = argument.startsWith('@') ? argument.slice(1) : argument
  const inline = file === argument && argument !== '-'
  // No token is the name of a file; a file's name without its @ is a slip of the hand.
  if (inline && existsSync(argument)) {
    throw new InputError(`${argument}: is a file; say @${argument} for the token in it`)
  }
  return inline ? argument : (await readInput(file, io)).toString('utf8')
}
