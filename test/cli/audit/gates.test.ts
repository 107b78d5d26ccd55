import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import { auditCommand } from '../../../cli/audit/audit-command.ts'
import { runCli } from '../../../cli/terminal/run-cli.ts'
import { fakeIo } from '../fake-io.ts'
import { auditLine } from './lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-gates-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function summary(content: string | Buffer, ...more: readonly string[]) {
  const file = join(folder, 'audit.log')
  writeFileSync(file, content)
  const io = fakeIo()
  await runCli(auditCommand(io), ['summary', '--json', file, ...more], io)
  return io.written
}

const observed = `${auditLine({ enforced: false })}\n`.repeat(3)

describe('a gate on the summary', () => {
  test.each<[string, string | Buffer]>([
    ['an empty file', ''],
    ['blank lines', '\n\n\r\n'],
    ['lines of others', 'x\ny\n'],
    ['a gzip file of nothing', gzipSync('')],
    ['a gzip file of lines of others', gzipSync('x\n')],
    ['damaged lines', '{"ts":"2026-11-24T03:09:03.000Z","event":"allow"'],
  ])('does not pass on %s', async (_, content) => {
    const { stdout, stderr, exitCode } = await summary(content)
    expect([stdout, exitCode]).toEqual(['', 2])
    expect(stderr).toContain('expected audit lines, found none and ')
  })

  test.each<[string, Buffer, string]>([
    ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0]), 'is packed by zstd'],
    ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), 'is packed by xz'],
    ['bzip2', Buffer.from('BZh91AY'), 'is packed by bzip2'],
    ['a gzip file cut off', gzipSync(observed).subarray(0, 40), 'audit.log'],
    [
      'a gzip file that is damaged',
      Buffer.concat([gzipSync(observed).subarray(0, 12), deflateSync('x')]),
      'audit.log',
    ],
  ])('says that it cannot read %s', async (_, content, message) => {
    const { stdout, stderr, exitCode } = await summary(content)
    expect([stdout, exitCode]).toEqual(['', 2])
    expect(stderr).toContain(message)
  })

  test.each<[string, Buffer]>([
    ['gzip', gzipSync(observed)],
    ['gzip of several members', Buffer.concat([gzipSync(observed), gzipSync(observed)])],
  ])('reads %s', async (_, content) => {
    const { stdout, exitCode } = await summary(content)
    const read = JSON.parse(stdout) as { lines: number; outcomes: { not_enforced: number } }
    expect([read.lines, exitCode]).toEqual([read.outcomes.not_enforced, 0])
    expect(read.lines).toBeGreaterThan(0)
  })

  test('counts what was read apart from what passed the filters', async () => {
    const { stdout } = await summary(`${observed}x\n`, '--event', 'allow')
    expect(JSON.parse(stdout)).toMatchObject({
      decisions: 0,
      lines: 3,
      skipped: { foreign: 1, damaged: 0 },
    })
  })
})
