import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditCommand } from '../../../cli/audit/audit-command.ts'
import { runCli } from '../../../cli/terminal/run-cli.ts'
import { HmacChain } from '../../../lib/audit/hmac-chain.ts'
import { fakeIo } from '../fake-io.ts'
import { kongLine, PLUGIN } from './lines.ts'

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-verify-'))
afterAll(() => rmSync(folder, { recursive: true }))
const KEY = 'audit-test-key, 32 bytes or more'
const keyFile = join(folder, 'key')
writeFileSync(keyFile, `${KEY}\n`)

const TS = '2026-11-24T03:09:03.000Z'
const chain = new HmacChain({
  key: Buffer.from(KEY),
  id: 'c1',
  clock: { now: () => Date.parse(TS) },
})
const lines = [
  chain.mark('chain_start'),
  chain.seal({ ts: TS, event: 'allow', sub: 'svc://a\u2028', verified: true }),
  chain.seal({ ts: TS, event: 'allow', sub: 'svc://b', verified: true }),
  chain.mark('chain_stop'),
]
const [start = '', a = '', b = '', stop = ''] = lines

async function audit(stdin: readonly string[], ...args: readonly string[]) {
  const io = fakeIo(stdin.join('\n'))
  await runCli(auditCommand(io), args, io)
  return io.written
}
const verify = (...stdin: readonly string[]) => audit(stdin, 'verify', '--key-file', keyFile, '-')

describe('oathmesh audit verify', () => {
  const good = `chain c1: 4 lines until ${TS}, stopped\n`

  test('accepts a whole chain, from a file or out of an error log', async () => {
    expect(await verify(...lines)).toEqual({ stdout: good, stderr: '', exitCode: 0 })
    const log = [...lines.map((line) => kongLine(PLUGIN + line)), kongLine('other')]
    expect(await verify(...log)).toEqual({ stdout: good, stderr: '', exitCode: 0 })
  })

  test('says that the end may be missing', async () => {
    expect(await verify(start, a)).toEqual({
      stdout: `chain c1: 2 lines until ${TS}, no stop: later lines may be missing\n`,
      stderr: '',
      exitCode: 0,
    })
  })

  test('names what is wrong by its line', async () => {
    const { stdout, exitCode } = await verify(start, a.replace('allow', 'deny'), b, '{}', stop)
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      '<stdin>:2: changed: changed, or sealed with another key',
      '<stdin>:3: missing: lines before it are missing, or it stands before its turn',
      '<stdin>:4: unsealed: no seal',
    ])
    expect(exitCode).toBe(1)
  })

  test('does not accept a file without any seal', async () => {
    expect(await verify('')).toEqual({ stdout: 'no sealed line\n', stderr: '', exitCode: 1 })
  })

  test('refuses a short key, and none', async () => {
    const short = join(folder, 'short')
    writeFileSync(short, 'x')
    expect(await audit(lines, 'verify', '--key-file', short, '-')).toMatchObject({
      stderr: expect.stringContaining('short: fewer than 32 bytes'),
      exitCode: 2,
    })
    expect(await audit(lines, 'verify', '-')).toMatchObject({ stdout: '', exitCode: 2 })
  })

  test('leaves sealed decisions readable for the other commands', async () => {
    expect(await audit(lines, '--strict')).toEqual({
      stdout: `${a}\n${b}\n`,
      stderr: '',
      exitCode: 0,
    })
  })
})
