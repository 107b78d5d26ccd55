import { execFileSync, spawnSync } from 'node:child_process'
import { oathmeshProgram } from '../../../cli/program.ts'
import { runCli } from '../../../cli/terminal/run-cli.ts'
import { fakeIo } from '../fake-io.ts'

const script = async (shell: string) => {
  const io = fakeIo()
  await runCli(oathmeshProgram(io), ['completion', shell], io)
  return io.written
}

/** What bash offers for a line; the last word is the one being typed. */
async function offered(...words: string[]): Promise<readonly string[]> {
  const { stdout } = await script('bash')
  const line = ['oathmesh', ...words].map((word) => `'${word}'`).join(' ')
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _oathmesh; printf '%s\\n' "\${COMPREPLY[@]}"`
  const output = execFileSync('bash', ['--norc', '-c', `${stdout}\n${ask}`]).toString()
  return output.split('\n').filter((word) => word !== '')
}

describe('completion in bash', () => {
  test('offers the commands', async () => {
    expect(await offered('')).toEqual(expect.arrayContaining(['mint', 'explain', 'verify', 'kong']))
    expect(await offered('ke')).toContain('keygen')
  })

  test('offers the commands of a group', async () => {
    expect(await offered('kong', 'l')).toEqual(['lint'])
  })

  test('tells commands of one name apart', async () => {
    expect(await offered('policy', 'explain', '--c')).toEqual(['--claims'])
    expect(await offered('explain', '--c')).toEqual(['--config'])
    expect(await offered('verify', '--c')).toEqual(['--config'])
  })

  test('offers options after others', async () => {
    expect(await offered('mint', '--key', 'issuer.pem', '--bind')).toEqual([
      '--bind',
      '--bind-mode',
    ])
  })

  test('leaves files to bash', async () => {
    expect(await offered('jwks', 'iss')).toEqual([])
    expect((await script('bash')).stdout).toContain('complete -o default -F _oathmesh oathmesh')
  })
})

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish'])('knows every command in %s', async (shell) => {
    const { stdout, exitCode } = await script(shell)
    for (const path of ['/mint', '/verify', '/kong/lint', '/policy/check', '/completion']) {
      expect(stdout).toContain(`'${path}'`)
    }
    expect([stdout, exitCode]).toEqual([expect.stringContaining('bind-mode'), 0])
  })

  test.each(['bash', 'zsh', 'fish'])('is valid %s, where that is installed', async (shell) => {
    const { stdout } = await script(shell)
    const { error, status, stderr } = spawnSync(shell, ['-n'], { input: stdout })
    if (error === undefined) expect([status, stderr.toString()]).toEqual([0, ''])
    else expect(error.message).toContain('ENOENT')
  })

  test('refuses another shell', async () => {
    expect((await script('tcsh')).exitCode).toBe(2)
  })
})
