import { generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { KeyDirectory } from '../../../issuer/keys/key-directory.ts'
import { readKeyDirectory } from '../../../issuer/keys/read-key-directory.ts'
import { rotateKey } from '../../../issuer/keys/rotate-key.ts'
import { RecordingLog } from '../../lib/keys/fixture.ts'
import { NOW, temporaryFolder } from '../fixture.ts'

const pem = () =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()

describe('a key directory', () => {
  let folder: ReturnType<typeof temporaryFolder>
  beforeEach(() => {
    folder = temporaryFolder()
  })
  afterEach(() => folder.remove())
  const rotate = (now = NOW, delaySeconds?: number) =>
    rotateKey({ directory: folder.path, jwksTtlSeconds: 60, now, delaySeconds })

  test('gets its first key at once and the next after a JWKS TTL and ten seconds', async () => {
    const first = await rotate()
    const second = await rotate()
    expect([first.key.activeAt, second.key.activeAt]).toEqual([NOW, NOW + 70])
    const keys = await readKeyDirectory(folder.path)
    expect(keys.map(({ kid }) => kid)).toEqual([first.key.kid, second.key.kid])
    for (const { file } of keys) expect(statSync(join(folder.path, file)).mode & 0o777).toBe(0o600)
    // Nothing half-written is left.
    expect(readdirSync(folder.path)).toHaveLength(2)
  })

  test('can be made to sign with a new key at once', async () => {
    await rotate()
    expect((await rotate(NOW + 5, 0)).key.activeAt).toBe(NOW + 5)
  })

  test('never has two keys that begin to sign in the same second', async () => {
    const rotations = [await rotate(NOW, 0), await rotate(NOW, 0), await rotate(NOW, 0)]
    expect(rotations.map(({ key }) => key.activeAt)).toEqual([NOW, NOW + 1, NOW + 2])
  })

  test('loses a key with the first rotation after nobody needs it', async () => {
    const first = await rotate(NOW - 1)
    await rotate(NOW, 0)
    expect((await rotate(NOW + 419, 0)).removed).toEqual([])
    expect((await rotate(NOW + 420, 0)).removed).toEqual([first.key.file])
  })

  test('shared by two timers gets one new key when it is due', async () => {
    const month = 25 * 86_400
    const at = (now: number) =>
      rotateKey({
        directory: folder.path,
        jwksTtlSeconds: 60,
        now,
        unlessYoungerSeconds: month,
      })
    const outcomes = async (now: number) =>
      (await Promise.all([at(now), at(now), at(now)])).map(({ outcome }) => outcome).toSorted()
    expect(await outcomes(NOW)).toEqual(['kept', 'kept', 'rotated'])
    expect((await at(NOW + month - 1)).outcome).toBe('kept')
    expect(await outcomes(NOW + month)).toEqual(['kept', 'kept', 'rotated'])
    expect(readdirSync(folder.path)).toHaveLength(2)
    // The one that is kept is the newest, whether it signs already or not.
    const { key } = await at(NOW + month)
    expect(key.activeAt).toBe(NOW + month + 70)
  })

  test('is rotated though another rotation has died in it', async () => {
    folder.write('.rotating', '')
    expect((await rotate()).outcome).toBe('rotated')
    expect(readdirSync(folder.path)).toHaveLength(1)
  }, 30_000)

  test('is followed: a new key is published without a restart, a faulty state changes nothing', async () => {
    await rotate()
    const log = new RecordingLog()
    const keys = await KeyDirectory.open({ path: folder.path, jwksTtlSeconds: 60, log })
    const published = () => keys.schedule.published(NOW).length
    expect(published()).toBe(1)
    await rotate()
    await keys.refresh()
    expect(published()).toBe(2)
    folder.write('junk.pem', 'not a key')
    await keys.refresh()
    await keys.refresh()
    expect(published()).toBe(2)
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
    rmSync(join(folder.path, 'junk.pem'))
    for (const file of readdirSync(folder.path)) rmSync(join(folder.path, file))
    await keys.refresh()
    expect(published()).toBe(0)
    keys.close()
  })

  test('is followed by itself, about every second', async () => {
    const log = new RecordingLog()
    const keys = await KeyDirectory.open({ path: folder.path, jwksTtlSeconds: 60, log })
    await rotate()
    const deadline = performance.now() + 5000
    while (keys.schedule.published(NOW).length === 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(keys.schedule.published(NOW)).toHaveLength(1)
    keys.close()
  })

  test('is followed through the links of a Kubernetes volume', async () => {
    const at = (name: string) => join(folder.path, name)
    const version = (name: string, count: number) => {
      mkdirSync(at(name))
      for (let key = 0; key < count; key++) folder.write(`${name}/${NOW + key}.k${key}.pem`, pem())
    }
    version('..1', 1)
    symlinkSync('..1', at('..data'))
    symlinkSync(`..data/${NOW}.k0.pem`, at(`${NOW}.k0.pem`))
    const log = new RecordingLog()
    const keys = await KeyDirectory.open({ path: folder.path, jwksTtlSeconds: 60, log })
    const before = keys.schedule.signing(NOW)?.kid
    version('..2', 1)
    symlinkSync('..2', at('..tmp'))
    renameSync(at('..tmp'), at('..data'))
    await keys.refresh()
    expect(before).toBeDefined()
    expect(keys.schedule.signing(NOW)?.kid).not.toBe(before)
    keys.close()
  })

  test.each([
    ['is no key', 'hello', 'a.pem: not a private key in PEM'],
    ['is of another kind', rsa(), 'a.pem: not an Ed25519 key'],
  ])('is refused with a file that %s', async (_, content, message) => {
    folder.write('a.pem', content)
    await expect(readKeyDirectory(folder.path)).rejects.toThrow(message)
  })

  test('is refused with a file that everybody may read', async () => {
    chmodSync(folder.write('a.pem', pem()), 0o644)
    await expect(readKeyDirectory(folder.path)).rejects.toThrow('a.pem: everybody may read it')
  })

  test('is refused with one key in two files', async () => {
    const same = pem()
    folder.write('a.pem', same)
    folder.write(`${NOW}.b.pem`, same)
    await expect(readKeyDirectory(folder.path)).rejects.toThrow('a.pem: holds the key of')
  })

  test('is refused with two keys of which it is not said when they sign', async () => {
    folder.write('a.pem', pem())
    folder.write('b.pem', pem())
    await expect(readKeyDirectory(folder.path)).rejects.toThrow(
      'b.pem: has no time of activation, nor has a.pem',
    )
  })

  test('that is not there is refused', async () => {
    const path = join(folder.path, 'none')
    const log = new RecordingLog()
    await expect(KeyDirectory.open({ path, jwksTtlSeconds: 60, log })).rejects.toThrow('ENOENT')
  })
})

function rsa(): string {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ format: 'pem', type: 'pkcs8' })
    .toString()
}
