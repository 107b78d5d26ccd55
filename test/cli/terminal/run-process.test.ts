import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { buildSync } from 'esbuild'

const ROOT = resolve(__dirname, '../../..')

/** How a process ends whose one command is this code. */
function end(action: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const contents = `
    import { Command } from 'commander'
    import { runProcess } from './cli/terminal/run-process.ts'
    void runProcess((io) => new Command('oathmesh').action(async () => { ${action} }))`
  const { outputFiles } = buildSync({
    stdin: { contents, loader: 'ts', resolveDir: ROOT },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
  })
  return new Promise((ended) => {
    const child = execFile(
      process.execPath,
      ['-'],
      { timeout: 20_000 },
      (cause, stdout, stderr) => {
        ended({ code: Number(cause?.code ?? 0), stdout, stderr })
      },
    )
    child.stdin?.end(outputFiles[0]?.text)
  })
}

describe('the process of a command', () => {
  test('ends with 0 when the command is done', async () => {
    expect(await end("io.stdout.write('done')")).toEqual({ code: 0, stdout: 'done', stderr: '' })
  })

  test('ends with the code that the command gave', async () => {
    expect((await end('io.setExitCode(1)')).code).toBe(1)
  })

  test.each([
    ['for a promise that nobody settles', 'await new Promise(() => {})'],
    ['for an unreferenced timer', 'await new Promise((r) => setTimeout(r, 60_000).unref())'],
    ['after its report', "io.stdout.write('x'); await new Promise(() => {})"],
    ['after a good exit code', 'io.setExitCode(0); await new Promise(() => {})'],
  ])('ends with 2 when the command still waits %s', async (_, action) => {
    expect(await end(action)).toMatchObject({
      code: 2,
      stderr: 'oathmesh: ended before the command was done\n',
    })
  })
})
