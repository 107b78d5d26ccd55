import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { CommandFolder } from '../command-folder.ts'
import { readOutput } from '../output-schema.ts'

let folder: CommandFolder
beforeEach(() => {
  folder = new CommandFolder()
})
afterEach(() => folder.remove())

const read = (name: string) => readFileSync(join(folder.path, name), 'utf8')

describe('oathmesh keygen', () => {
  test('writes a private key that nobody else can read, and prints its public half', async () => {
    const { stdout, stderr, exitCode } = await folder.run(['keygen', '--out', 'new.pem'])
    expect(statSync(join(folder.path, 'new.pem')).mode & 0o777).toBe(0o600)
    expect(read('new.pem')).toMatch(/^-----BEGIN PRIVATE KEY-----\n/)
    expect([stderr, exitCode]).toEqual(['new.pem: private key, readable by you alone\n', 0])
    expect(JSON.parse(stdout)).not.toHaveProperty('d')
  })

  test('prints the JWK that jwks makes of the file', async () => {
    const made = await folder.run(['keygen', '--out', 'new.pem', '--jwk', 'new.jwk', '--json'])
    const { jwk, kid } = readOutput('keygen', made.stdout) as { jwk: { kid: string }; kid: string }
    const set = await folder.run(['jwks', 'new.pem'])
    expect(readOutput('jwks', set.stdout)).toEqual({ keys: [jwk] })
    expect([jwk.kid, JSON.parse(read('new.jwk'))]).toEqual([kid, jwk])
  })

  test('never makes the same key twice', async () => {
    const [one, two] = [
      await folder.run(['keygen', '--out', 'a']),
      await folder.run(['keygen', '--out', 'b']),
    ]
    expect(one.stdout).not.toBe(two.stdout)
  })

  test('leaves a key alone that is there', async () => {
    const before = read('issuer.pem')
    expect((await folder.run(['keygen', '--out', 'issuer.pem'])).exitCode).toBe(2)
    expect(read('issuer.pem')).toBe(before)
  })
})
