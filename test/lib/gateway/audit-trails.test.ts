import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ChainCheck } from '../../../lib/audit/chain-check.ts'
import { AuditTrails } from '../../../lib/gateway/audit-trails.ts'
import { silentLog } from '../../../lib/ports/log.ts'

const KEY = 'planted-audit-key-of-more-than-32-bytes'

describe('audit trails', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oathmesh-trails-'))
  const [file, keyFile] = [join(folder, 'audit.log'), join(folder, 'audit.key')]
  const open = () =>
    new AuditTrails({ clock: { now: () => 0 }, stopwatch: () => 0, log: silentLog })
  const sealedBy = { sink: 'file', context: 'minimal', file, hmacKeyFile: keyFile } as const
  afterAll(() => rmSync(folder, { recursive: true }))

  test('are sealed by the key of a file, in one chain with those that are given the key itself', () => {
    writeFileSync(keyFile, `${KEY}\n`)
    const trails = open()
    trails.open(sealedBy)
    trails.open({ sink: 'file', context: 'minimal', file, hmacKey: KEY })
    trails.close()
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
    const check = new ChainCheck(Buffer.from(KEY))
    expect(lines.map((line) => check.take(line))).toEqual(lines.map(() => undefined))
    expect(check.chains).toMatchObject([{ lines: 2, stopped: true }])
    expect(lines.join('\n')).not.toContain('planted')
  })

  test.each([
    ['short', 'planted', 'audit.hmac_key_file: holds 7 bytes; a key of at least 32 is needed'],
    ['empty', '', 'audit.hmac_key_file: the file is empty; it must hold the secret'],
  ])('do not begin with a key that is %s', (_, content, message) => {
    writeFileSync(keyFile, content)
    expect(() => open().open(sealedBy)).toThrow(new TypeError(message))
  })

  test('do not begin with a key that is not there', () => {
    const settings = { ...sealedBy, hmacKeyFile: join(folder, 'none') }
    expect(() => open().open(settings)).toThrow('audit.hmac_key_file: cannot be read (ENOENT)')
  })
})
