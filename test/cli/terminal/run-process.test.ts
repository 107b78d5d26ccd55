import { execFile, spawnSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import { buildSync } from 'esbuild'

const ROOT = resolve(__dirname, '../../..')

/** A program whose one command is this code. */
function programOf(action: string): string {
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
  return outputFiles[0]?.text ?? ''
}

/** How its process ends. */
function end(action: string): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((ended) => {
    const child = execFile(
      process.execPath,
      ['-'],
      { timeout: 20_000 },
      (cause, stdout, stderr) => {
        ended({ code: Number(cause?.code ?? 0), stdout, stderr })
      },
    )
    child.stdin?.end(programOf(action))
  })
}

/** How its process ends when its standard output goes to a full disk. */
function endOnFullDisk(action: string): { code: number | null; stderr: string } {
  const full = openSync('/dev/full', 'w')
  try {
    const { status, stderr } = spawnSync(process.execPath, ['-'], {
      input: programOf(action),
      stdio: ['pipe', full, 'pipe'],
      encoding: 'utf8',
      timeout: 20_000,
    })
    return { code: status, stderr }
  } finally {
    closeSync(full)
  }
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

  test.each([
    ['with findings', "io.stdout.write('x'); io.setExitCode(1)"],
    ['without', "io.stdout.write('x')"],
    ['and goes on', "io.stdout.write('x'); await new Promise((r) => setTimeout(r, 50))"],
  ])('ends with 2 when its output is lost, %s', (_, action) => {
    const { code, stderr } = endOnFullDisk(action)
    expect(code).toBe(2)
    expect(stderr).toMatch(/^oathmesh: standard output cannot be written: ENOSPC.*\n$/)
  })
})
