import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSecretFile } from '../../lib/secret-file.ts'

describe('a secret in a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oathmesh-secret-'))
  const file = join(folder, 'secret')
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each([
    ['hunter2', 'hunter2'],
    ['hunter2\n', 'hunter2'],
    ['hunter2\r\n', 'hunter2'],
    ['hunter2\n\n', 'hunter2\n'],
    [' hunter2 \n', ' hunter2 '],
    ['pässword\n', 'pässword'],
  ])('%j is %j', (content, secret) => {
    writeFileSync(file, content)
    expect(readSecretFile(file, 'redis.password_file').toString('utf8')).toBe(secret)
  })

  test.each(['', '\n'])('%j is none', (content) => {
    writeFileSync(file, content)
    expect(() => readSecretFile(file, 'redis.password_file')).toThrow(
      'redis.password_file: the file is empty; it must hold the secret',
    )
  })

  test.each([
    ['is not there', 's3cr3t-in-place-of-its-file', 'ENOENT'],
    ['is a folder', folder, 'EISDIR'],
  ])('that %s is refused without a word of what was given', (_, path, code) => {
    const message = `redis.password_file: cannot be read (${code}); expected the name of a file that holds the secret`
    expect(() => readSecretFile(path, 'redis.password_file')).toThrow(new TypeError(message))
  })
})
