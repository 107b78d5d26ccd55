import { readFile } from 'node:fs/promises'
import { Command, InvalidArgumentError } from 'commander'
import { InputError } from '../terminal/input-error.ts'
import type { CliIo } from '../terminal/io.ts'
import { EnvoyDocument } from './lint/envoy-document.ts'
import { lintEnvoy } from './lint/lint-envoy.ts'
import { reportAsJson, reportAsText } from './lint/report.ts'

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'is a folder',
  EACCES: 'may not be read',
}

/** `oathmesh envoy lint`: finds where a static configuration of Envoy lets calls through undecided. */
export function lintCommand(io: CliIo): Command {
  return new Command('lint')
    .description(
      'check that nothing in a static configuration of Envoy lets calls through undecided',
    )
    .argument('<file>', 'Envoy bootstrap, YAML or JSON; - for standard input')
    .option(
      '--deadline-ms <n>',
      'the longest deadline_ms of the policies: Envoy has to wait longer',
      wholeNumber,
      1000,
    )
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
Example: oathmesh envoy lint envoy.yaml

Exit codes: 0 nothing found, 1 findings, 2 wrong usage or unreadable file`,
    )
    .action(async (file: string, options: { deadlineMs: number; json?: true }) => {
      const shown = file === '-' ? '<stdin>' : file
      const text = file === '-' ? await readAll(io.stdin) : await readText(file)
      const document = new EnvoyDocument(shown, text)
      const result = { file: shown, ...lintEnvoy(document, options.deadlineMs) }
      const { json } = options
      io.stdout.write(json ? reportAsJson(result) : reportAsText(result, io.stdout.color))
      io.setExitCode(result.findings.length === 0 ? 0 : 1)
    })
}

function wholeNumber(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('must be a whole number of milliseconds')
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const { code = 'cannot be read' } = cause as NodeJS.ErrnoException
    throw new InputError(`${file}: ${REASONS[code] ?? code}`, { cause })
  }
}

async function readAll(stdin: CliIo['stdin']): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}
