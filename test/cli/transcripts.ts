import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inProcess } from './kong/execute.ts'
import { type Execute, replay } from './kong/transcript.ts'
import { type Output, readOutput } from './output-schema.ts'

/** Keys as `keygen` leaves them, so that nothing complains of their permissions. */
const withOwnKeys: Execute = (run, folder) => {
  for (const file of readdirSync(folder)) {
    if (file.endsWith('.pem') && file !== 'shared.pem') chmodSync(join(folder, file), 0o600)
  }
  return inProcess(run, folder)
}

/**
 * A test per transcript in a folder; `kong/transcript.ts` says how they read. With TRANSCRIPTS=write
 * the files are written anew, to be read before they are committed.
 */
export function testTranscripts(folder: string): void {
  test.each(readdirSync(folder))('%s', async (name) => {
    const file = join(folder, name)
    const text = readFileSync(file, 'utf8')
    const played = await replay(text, withOwnKeys)
    if (process.env['TRANSCRIPTS'] === 'write') writeFileSync(file, played)
    else expect(played).toBe(text)
    for (const [command, json] of jsonIn(played)) readOutput(command, json)
  })
}

/** What commands with `--json` have printed. */
function jsonIn(transcript: string): readonly (readonly [Output, string])[] {
  const found = transcript.matchAll(/^\$ oathmesh (\w+) .*--json.*\n(\{\n(?:.*\n)*?\})$/gm)
  return [...found].map(([, command = '', json = '']) => [
    (command === 'verify' ? 'explain' : command) as Output,
    json,
  ])
}
