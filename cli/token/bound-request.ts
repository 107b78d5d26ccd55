import { type Command, InvalidArgumentError, Option } from 'commander'
import type { BoundMode } from '../../lib/binding/request-hash.ts'
import type { RequestLine } from '../../lib/index.ts'
import type { CliIo } from '../terminal/io.ts'
import { readInput } from '../terminal/read-input.ts'

export const BOUND_MODES: readonly BoundMode[] = ['strict', 'method_path_body', 'body']

// RFC 9110, 9.1, and the origin form of RFC 9112, 3.2.1.
const REQUEST = /^([!#$%&'*+.^_`|~\w-]+) (\/[\x21-\x7e]*)$/

/** `POST /v1/items?dry=1` as an option of a command. The path is taken as it is written. */
export function readRequestLine(text: string): RequestLine {
  const [, method, target] = REQUEST.exec(text) ?? []
  if (method === undefined || target === undefined || target.includes('#')) {
    throw new InvalidArgumentError('Give method and path, such as "POST /v1/items?dry=1".')
  }
  const query = target.indexOf('?')
  if (query < 0) return { method, rawPath: target, rawQuery: '' }
  return { method, rawPath: target.slice(0, query), rawQuery: target.slice(query + 1) }
}

/** The bytes of a body: `@file`, `-` for standard input, or the text itself. */
export async function readBody(option: string | undefined, io: CliIo): Promise<Buffer> {
  if (option === undefined) return Buffer.alloc(0)
  if (option === '-') return readInput('-', io)
  return option.startsWith('@') ? readInput(option.slice(1), io) : Buffer.from(option)
}

/** Adds `--bind-mode` and `--body`, which belong together wherever they stand. */
export function addBindOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--bind-mode <mode>', 'mode of the API')
        .choices(BOUND_MODES)
        .default('strict' satisfies BoundMode),
    )
    .option('--body <data>', 'body of that request: text, @file, or - for standard input')
}
