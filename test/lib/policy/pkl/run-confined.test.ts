import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Confinement, runConfined } from '../../../../lib/policy/pkl/run-confined.ts'

const LIMITS: Confinement = { timeoutMs: 5000, maxOutputBytes: 1000, maxMemoryBytes: 256 << 20 }

/** Runs a script, as a stand-in for a Pkl that does what it should not. */
const sh = (script: string, limits: Partial<Confinement> = {}) =>
  runConfined('/bin/sh', ['-c', script], { ...LIMITS, ...limits })

describe('a confined program', () => {
  test('gives back its status and what it has printed', async () => {
    expect(await sh('echo out; echo err >&2; exit 3')).toEqual({
      kind: 'exited',
      code: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    })
  })

  test('sees no environment, no input and no folder of ours', async () => {
    const ending = await sh(
      '/usr/bin/env | /bin/grep -v -e ^PWD= -e ^_= -e ^SHLVL=; pwd; read line || echo end',
    )
    expect(ending).toMatchObject({ stdout: '/\nend\n' })
  })

  test('is told apart in its arguments, whatever they hold', async () => {
    const ending = await runConfined('/bin/echo', ['$(id)', "'; id", '-c'], LIMITS)
    expect(ending).toMatchObject({ stdout: "$(id) '; id -c\n" })
  })

  test('is killed with its children when its time is over', async () => {
    const started = performance.now()
    const ending = await sh('trap "" TERM; /bin/sleep 30 & /bin/sleep 30; wait', { timeoutMs: 200 })
    // The pipes stay open as long as one of the group lives, so this would take 30 s.
    expect(ending).toEqual({ kind: 'timed_out' })
    expect(performance.now() - started).toBeLessThan(5000)
  })

  test.each(['1', '2'])(
    'is killed when it prints too much on descriptor %s',
    async (descriptor) => {
      expect(await sh(`while :; do echo more; done >&${descriptor}`)).toEqual({
        kind: 'printed_too_much',
      })
    },
  )

  test('cannot write to a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'confined-'))
    try {
      const ending = await sh(`trap "" XFSZ; echo x > ${folder}/file && echo written`)
      expect(ending).toMatchObject({ kind: 'exited', stdout: '' })
      expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test('gets no more memory than it may', async () => {
    const [program, script] = [process.execPath, 'Buffer.alloc(1 << 28, 1)']
    const ending = await runConfined(program, ['-e', script], {
      ...LIMITS,
      maxMemoryBytes: 64 << 20,
    })
    expect(ending).not.toMatchObject({ kind: 'exited', code: 0 })
  })

  test('that is not there is an exit with a status', async () => {
    const ending = await runConfined('/nonexistent/pkl', [], LIMITS)
    expect(ending).toMatchObject({ kind: 'exited', code: 127 })
  })
})
