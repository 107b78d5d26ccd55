import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SOURCES } from '../../../kong/guard/sources.ts'

/** A command as a user types it, and what came of it. */
export interface Run {
  readonly args: readonly string[]
  /** File that standard input comes from. */
  readonly stdin: string | undefined
}

export interface Ran {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** Runs a command in the folder of the transcript's files. */
export type Execute = (run: Run, folder: string) => Promise<Ran>

/**
 * Replays a transcript and returns it as it should have been written: equal to the file when all is
 * well. Files come first, each under `-- name --`; then, under `-- transcript --`, commands after `$`,
 * their standard output, lines of standard error after `! `, and the exit code in brackets. In files,
 * `{{name}}` stands for a function of the guard.
 */
export async function replay(text: string, execute: Execute): Promise<string> {
  const [about = '', ...sections] = text.split(/^-- (\S+) --\n/m)
  const folder = mkdtempSync(join(tmpdir(), 'oathmesh-transcript-'))
  let written = about
  for (let at = 0; at < sections.length; at += 2) {
    const [name = '', content = ''] = sections.slice(at, at + 2)
    written += `-- ${name} --\n`
    if (name !== 'transcript') {
      writeFileSync(join(folder, name), content.replaceAll(/\{\{([\w-]+)\}\}/g, sourceOf))
      written += content
      continue
    }
    for (const [line, command = ''] of content.matchAll(/^\$ oathmesh (.*)\n/gm)) {
      written += `${line}${shown(await execute(parse(command), folder))}`
    }
  }
  return written
}

export function readTranscript(name: string): string {
  return readFileSync(join(__dirname, 'transcripts', name), 'utf8')
}

/** Writes a transcript anew, to be read before it is committed. */
export function writeTranscript(name: string, text: string): void {
  writeFileSync(join(__dirname, 'transcripts', name), text)
}

function sourceOf(_: string, name: string): string {
  const source = new Map<string, string>(Object.entries(SOURCES)).get(name)
  if (source === undefined) throw new TypeError(`no function ${name} in the guard`)
  return JSON.stringify(source)
}

function parse(command: string): Run {
  const [words = '', stdin] = command.split(' < ')
  const args = [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(
    ([, quoted, word]) => quoted ?? word ?? '',
  )
  return { args, stdin }
}

function shown({ stdout, stderr, exitCode }: Ran): string {
  return `${stdout}${stderr.replaceAll(/^(?=.|\n)/gm, '! ')}[${exitCode}]\n`
}
