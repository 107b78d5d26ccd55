import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { KeySchedule } from '../../../issuer/keys/key-schedule.ts'
import { readKeyDirectory } from '../../../issuer/keys/read-key-directory.ts'
import { rotateKey } from '../../../issuer/keys/rotate-key.ts'
import { fencedBlocks } from '../../docs/fenced-blocks.ts'
import { paste } from '../../docs/paste.ts'
import { accepted } from '../accepted.ts'
import { API, BILLING_TOKEN, basic, NOW, TestIssuer, temporaryFolder } from '../fixture.ts'

/** The one block of that kind on the page, with folders of the test in place of the machine's. */
function blockOf(kind: 'backup' | 'restore', machine: string, root: string): string {
  const [block, ...others] = fencedBlocks('docs/issuer.md', `sh ${kind}`)
  expect([block === undefined, others]).toEqual([false, []])
  return (block?.text ?? '')
    .replaceAll('/var/lib/oathmesh', machine)
    .replaceAll('/var/backups/', `${root}/`)
    .replace(' -o oathmesh -g oathmesh', '')
}

describe('a backup of the keys', () => {
  const folder = temporaryFolder()
  const [old, anew] = [join(folder.path, 'old'), join(folder.path, 'new')]
  const directory = join(old, 'keys')
  const scheduleOf = async (path: string) => new KeySchedule(await readKeyDirectory(path), 60)
  afterAll(() => folder.remove())

  test('restores an issuer into an empty folder: what it has signed verifies, and it signs on', async () => {
    mkdirSync(old)
    await rotateKey({ directory, jwksTtlSeconds: 60, now: NOW - 100 })
    await rotateKey({ directory, jwksTtlSeconds: 60, now: NOW - 80 })
    const issuer = await TestIssuer.start()
    issuer.keys.schedule = await scheduleOf(directory)
    const before = await issuer.mint(basic(), BILLING_TOKEN)

    const stored = await paste(blockOf('backup', old, folder.path), { cwd: folder.path })
    const restored = await paste(blockOf('restore', anew, folder.path), { cwd: folder.path })
    expect([stored.exitCode, restored.exitCode]).toEqual([0, 0])
    expect(restored.output).toMatch(/^signing /m)
    expect(statSync(join(folder.path, 'oathmesh-keys.tar.gz')).mode & 0o077).toBe(0)
    expect(statSync(join(anew, 'keys')).mode & 0o777).toBe(0o700)

    const keys = { schedule: await scheduleOf(join(anew, 'keys')) }
    expect(keys.schedule.published(NOW)).toEqual(issuer.keys.schedule.published(NOW))
    issuer.keys.schedule = keys.schedule
    const after = await issuer.mint(basic(), BILLING_TOKEN)
    for (const { json } of [before, after]) {
      const verdict = await accepted(json['token'], { audience: API, now: NOW, keys })
      expect(verdict.outcome).toBe('allow')
    }
    // Without the keys it does not: the test would notice a backup that holds nothing.
    const fresh = join(folder.path, 'fresh')
    await rotateKey({ directory: fresh, jwksTtlSeconds: 60, now: NOW })
    const other = { schedule: await scheduleOf(fresh) }
    const verdict = await accepted(before.json['token'], { audience: API, now: NOW, keys: other })
    expect(verdict.outcome).toBe('deny')
    await issuer.stop()
  })
})
