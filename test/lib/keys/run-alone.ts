import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildSync } from 'esbuild'

/**
 * What a script prints in a process of its own, until that ends by itself: for what jest's copy of
 * the environment and its own event loop would hide. Imports begin at `./lib/`.
 */
export async function runAlone(script: string, env: Record<string, string> = {}): Promise<string> {
  const { outputFiles } = buildSync({
    stdin: { contents: script, loader: 'ts', resolveDir: join(__dirname, '../../..') },
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
  })
  const args = ['-e', outputFiles[0]?.text ?? '']
  const options = { env: { ...process.env, ...env }, timeout: 10_000 }
  const { stdout } = await promisify(execFile)(process.execPath, args, options)
  return stdout.trim()
}
