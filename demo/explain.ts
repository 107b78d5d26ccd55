import { spawn } from 'node:child_process'
import { once } from 'node:events'

interface Explanation {
  readonly refusal?: { readonly step?: number }
}

/** What `oathmesh explain` makes of a token: the step that refuses it, or nothing when none does. */
export async function explainedStep(
  token: string,
  configFile: string,
  flags: readonly string[] = [],
): Promise<number | undefined> {
  const args = ['explain', '-', '--json', '--config', `${configFile}#inventory`, ...flags]
  const child = spawn(process.execPath, ['dist/bin/oathmesh.cjs', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.end(token)
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(child, 'close')
  const { refusal } = JSON.parse(Buffer.concat(chunks).toString()) as Explanation
  return refusal?.step
}
