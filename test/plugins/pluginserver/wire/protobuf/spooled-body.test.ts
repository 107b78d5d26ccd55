import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../../../../../lib/ports/log.ts'
import { bodyOf } from '../../../../../plugins/pluginserver/wire/protobuf/spooled-body.ts'

const root = mkdtempSync(join(tmpdir(), 'oathmesh-body-'))
const bodyFolder = join(root, 'client_body_temp')
const secret = join(root, 'secret')
const inside = (name: string) => join(bodyFolder, name)
const options = { bodyFolder, log: silentLog }

beforeAll(() => {
  mkdirSync(join(bodyFolder, '1'), { recursive: true })
  mkdirSync(join(root, 'client_body_temp-elsewhere'))
  writeFileSync(secret, 'secret')
  writeFileSync(join(root, 'client_body_temp-elsewhere', 'a'), 'secret')
  writeFileSync(inside('0000000001'), 'body')
  writeFileSync(inside('empty'), '')
  writeFileSync(inside('1/0000000002'), 'deeper')
  symlinkSync(secret, inside('link'))
  symlinkSync(root, inside('out'))
  symlinkSync(inside('0000000001'), inside('link-within'))
  execFileSync('mkfifo', [inside('pipe')])
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('a spooled body', () => {
  test.each([
    ['0000000001', 'body'],
    ['empty', ''],
    ['1/0000000002', 'deeper'],
    ['link-within', 'body'],
  ])('in %s is read', async (name, text) => {
    expect((await bodyOf({ bodyFilepath: inside(name) }, 100, options))?.toString()).toBe(text)
  })

  test('is accepted at the limit and refused above it', async () => {
    const file = { bodyFilepath: inside('0000000001') }
    expect((await bodyOf(file, 4, options))?.length).toBe(4)
    await expect(bodyOf(file, 3, options)).rejects.toMatchObject({ code: 'ERR_BODY_OVER_LIMIT' })
  })

  test('over the limit is not read at all', async () => {
    // A file of a terabyte, of which nothing exists: reading it would not end.
    writeFileSync(inside('huge'), '')
    truncateSync(inside('huge'), 2 ** 40)
    await expect(bodyOf({ bodyFilepath: inside('huge') }, 1e6, options)).rejects.toMatchObject({
      code: 'ERR_BODY_OVER_LIMIT',
    })
  })

  test.each([
    ['a file elsewhere', () => secret],
    ['a file elsewhere, the long way', () => `${bodyFolder}/../secret`],
    ['a link out of the folder', () => inside('link')],
    ['a folder that is a link out', () => inside('out/secret')],
    ['a folder whose name begins like it', () => join(root, 'client_body_temp-elsewhere', 'a')],
    ['the folder itself', () => bodyFolder],
    ['a folder in it', () => inside('1')],
    ['a pipe', () => inside('pipe')],
    ['a file that is not there', () => inside('0000000009')],
    ['a name with a zero byte', () => `${inside('0000000001')}\0`],
    ['no name', () => ''],
    ['a relative name', () => '0000000001'],
    ['a device', () => '/dev/zero'],
    ['a process of its own', () => '/proc/self/environ'],
  ])('is not %s', async (_, path) => {
    expect(await bodyOf({ bodyFilepath: path() }, 1e9, options)).toBeNull()
  })

  test('is not a socket', async () => {
    const server = createServer().listen(inside('socket'))
    expect(await bodyOf({ bodyFilepath: inside('socket') }, 1e9, options)).toBeNull()
    server.close()
  })

  test('is none when the folder does not exist', async () => {
    const nowhere = { bodyFolder: join(root, 'nowhere'), log: silentLog }
    expect(await bodyOf({ bodyFilepath: inside('0000000001') }, 100, nowhere)).toBeNull()
  })
})

describe('a body that Kong hands over', () => {
  test('is bounded as well', async () => {
    const content = Buffer.from('hello')
    expect(await bodyOf({ content }, 5, options)).toEqual(content)
    await expect(bodyOf({ content }, 4, options)).rejects.toMatchObject({
      code: 'ERR_BODY_OVER_LIMIT',
    })
  })

  test.each([[{ error: "Can't read request body" }], [{}]])('is null for %j', async (answer) => {
    expect(await bodyOf(answer, 5, options)).toBeNull()
  })
})
