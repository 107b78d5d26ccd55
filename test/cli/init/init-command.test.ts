import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CommandFolder } from '../command-folder.ts'

let folder: CommandFolder
beforeEach(() => {
  folder = new CommandFolder()
})
afterEach(() => folder.remove())

const modeOf = (name: string) => statSync(join(folder.path, name)).mode & 0o777
const secretIn = (name: string) =>
  /first~(\S+)/.exec(readFileSync(join(folder.path, name), 'utf8'))?.[1]

describe('oathmesh init', () => {
  test('writes what its other commands find sound', async () => {
    const { stdout, stderr, exitCode } = await folder.run(['init', 'a'])
    expect([stderr, exitCode]).toEqual(['', 0])
    expect(stdout).toMatch(/^a\/keys\/\na\/issuer\.yaml\na\/kong\.yml\na\/caller\.env\n/)
    const check = await folder.run(['serve', '--check', '--config', 'a/issuer.yaml'])
    expect(check).toMatchObject({ stdout: 'a/issuer.yaml: valid\n', stderr: '', exitCode: 0 })
    const validate = await folder.run(['kong', 'validate', 'a/kong.yml'])
    expect(validate).toMatchObject({ exitCode: 0 })
  })

  test('keeps secrets to their owner, and prints none', async () => {
    const { stdout } = await folder.run(['init'])
    expect(['keys', 'issuer.yaml', 'caller.env'].map(modeOf)).toEqual([0o700, 0o600, 0o600])
    const secret = secretIn('caller.env') ?? ''
    expect(secret.length).toBeGreaterThan(40)
    expect(stdout).not.toContain(secret)
    expect(readFileSync(join(folder.path, 'issuer.yaml'), 'utf8')).not.toContain(secret)
  })

  test('makes another key and secret each time', async () => {
    await folder.run(['init', 'a'])
    await folder.run(['init', 'b'])
    expect(secretIn('a/caller.env')).not.toBe(secretIn('b/caller.env'))
  })

  test.each(['issuer.yaml', 'kong.yml', 'caller.env', 'keys'])(
    'writes nothing over %s',
    async (name) => {
      folder.write(name, 'mine')
      const { stdout, stderr, exitCode } = await folder.run(['init'])
      expect([stdout, exitCode]).toEqual(['', 2])
      expect(stderr).toBe(`oathmesh: init: ${name}: there already; nothing was written\n`)
      expect(readFileSync(join(folder.path, name), 'utf8')).toBe('mine')
    },
  )

  test.each([
    [['--issuer-port', '0'], '--issuer-port must be a port'],
    [['--issuer-port', '70000'], '--issuer-port must be a port'],
    [['--audience', 'a "b"'], '--audience must be printable ASCII'],
    [['--upstream', 'items'], '--upstream must be an http(s) URL'],
    [['--upstream', 'http://a"\nx: y'], '--upstream must be an http(s) URL'],
  ])('%j ends with 2', async (args, message) => {
    const { stderr, exitCode } = await folder.run(['init', 'a', ...args])
    expect([stderr, exitCode]).toEqual([expect.stringContaining(message), 2])
  })

  test('says when the folder cannot be made', async () => {
    folder.write('file', '')
    const { stderr, exitCode } = await folder.run(['init', 'file/below'])
    expect([stderr, exitCode]).toEqual([expect.stringContaining('oathmesh: file/below: '), 2])
  })
})
