import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { KongDocument } from './entities/kong-document.ts'
import { type Estate, readEstate } from './lint/estate.ts'
import { lintGuard } from './lint/lint-guard.ts'
import { reportAsJson, reportAsText } from './lint/report.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'is a folder',
  EACCES: 'may not be read',
}

interface LintFlags {
  readonly kong?: string
  readonly wire?: string
  readonly harmless?: readonly string[]
  readonly json?: true
}

const HELP = `
From Kong 3.8 on, Kong refuses by itself when a plugin server on the ProtoBuf wire fails. With
--kong 3.9 --wire protobuf the guard is a second line, and that it is missing no finding.

Exit codes: 0 nothing found, 1 findings, 2 wrong usage or unreadable file`

/** `oathmesh kong lint`: finds where a Kong configuration leaves the plugin without its guard. */
export function lintCommand(io: CliIo): Command {
  return new Command('lint')
    .description('check that the guard covers every oathmesh entity of a configuration')
    .argument('<file>', 'Kong declarative file or decK dump, YAML or JSON; - for standard input')
    .option('--kong <version>', 'the version of Kong that the file is for, such as 3.9')
    .option('--wire <name>', 'what the plugin server speaks there: protobuf or msgpack')
    .option(
      '--harmless <plugin>',
      'a plugin of your own that does no harm with undecided requests; may be repeated',
      (name: string, all: readonly string[] = []) => [...all, name],
    )
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', HELP)
    .action(async (file: string, { json, ...flags }: LintFlags) => {
      const estate = readEstate(flags)
      const shown = file === '-' ? '<stdin>' : file
      const text = file === '-' ? await readAll(io.stdin) : await readText(file)
      const result = { file: shown, ...lint(shown, text, estate) }
      io.stdout.write(json ? reportAsJson(result) : reportAsText(result, io.stdout.color))
      io.setExitCode(result.findings.length === 0 ? 0 : 1)
    })
}

function lint(file: string, text: string, estate: Estate): ReturnType<typeof lintGuard> {
  try {
    return lintGuard(new KongDocument(text), estate)
  } catch (cause) {
    if (cause instanceof InputError) throw new InputError(`${file}:${cause.message}`, { cause })
    throw cause
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new InputError(`${file}: ${REASONS[codeOf(cause)] ?? codeOf(cause)}`, { cause })
  }
}

function codeOf(cause: unknown): string {
  const known = typeof cause === 'object' && cause !== null && 'code' in cause
  return known ? String(cause.code) : 'cannot be read'
}

async function readAll(stdin: CliIo['stdin']): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
