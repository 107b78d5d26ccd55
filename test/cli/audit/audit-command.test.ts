import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditCommand } from '../../../cli/audit/audit-command.ts'
import { runCli } from '../../../cli/terminal/run-cli.ts'
import { fakeIo } from '../fake-io.ts'
import { inProcess } from '../kong/execute.ts'
import { replay } from '../kong/transcript.ts'
import { auditLine, kongLine, PLUGIN } from './lines.ts'

const transcripts = join(__dirname, 'transcripts')
const folder = mkdtempSync(join(tmpdir(), 'oathmesh-audit-'))
afterAll(() => rmSync(folder, { recursive: true }))

const NOON = Date.parse('2026-11-24T12:00:00Z')

async function audit(stdin: string, ...args: readonly string[]) {
  const io = fakeIo(stdin)
  await runCli(auditCommand(io, { now: () => NOON }), args, io)
  return io.written
}

describe('oathmesh audit', () => {
  test.each(readdirSync(transcripts))('%s', async (name) => {
    const text = readFileSync(join(transcripts, name), 'utf8')
    const played = await replay(text, inProcess)
    if (process.env['TRANSCRIPTS'] === 'write') writeFileSync(join(transcripts, name), played)
    else expect(played).toBe(text)
  })

  test('gives the same from both sinks', async () => {
    const lines = [auditLine(), auditLine({ event: 'allow', step: 14 })]
    const log = lines.map((line) => kongLine(PLUGIN + line)).join('\n')
    const clean = `${lines.join('\n')}\n`
    expect(await audit(clean)).toEqual({ stdout: clean, stderr: '', exitCode: 0 })
    expect(await audit(log)).toEqual({ stdout: clean, stderr: '', exitCode: 0 })
  })

  test('reads files and standard input in the order they are named', async () => {
    const file = join(folder, 'audit.log')
    writeFileSync(file, `${auditLine({ jti: 'file' })}\n`)
    const { stdout } = await audit(auditLine({ jti: 'stdin' }), file, '-', file)
    expect(stdout.match(/"jti":"\w+"/g)).toEqual(['"jti":"file"', '"jti":"stdin"', '"jti":"file"'])
  })

  test.each([
    ['after', ['summary', '--event', 'deny', '--json']],
    ['before', ['--event', 'deny', 'summary', '--json']],
  ])('summary heeds filters %s its name', async (_, args) => {
    const lines = [auditLine(), auditLine({ event: 'allow' })].join('\n')
    const { stdout } = await audit(lines, ...args)
    expect(JSON.parse(stdout)).toMatchObject({ decisions: 1 })
  })

  test('passes over what seals a chain', async () => {
    const record = '{"ts":"2026-11-24T03:09:03.000Z","event":"chain_start","chain":"c","seq":0}\n'
    expect(await audit(record, '--strict')).toEqual({ stdout: '', stderr: '', exitCode: 0 })
  })

  test.each<[string, readonly string[], readonly string[]]>([
    ['every line', [], ['a', 'b', 'c', 'd']],
    ['allowed', ['--event', 'allow'], ['d']],
    ['denied', ['--event', 'deny'], ['a', 'b', 'c']],
    ['one step', ['--step', '13'], ['a']],
    ['either step', ['--step', '13', '--step', '8'], ['a', 'b']],
    ['one reason', ['--reason', 'expired'], ['b']],
    ['a family of reasons', ['--reason', 'policy:*'], ['c']],
    ['a family of subjects', ['--sub', 'agent://ci/*'], ['a', 'b']],
    ['a route', ['--route', 'orders'], ['c']],
    ['from an instant on', ['--since', '2026-11-24T11:30:00Z'], ['b', 'c', 'd']],
    ['before an instant', ['--until', '2026-11-24T11:30:00Z'], ['a']],
    ['the last minutes', ['--since', '15m'], ['c', 'd']],
    ['a window', ['--since', '30m', '--until', '5m'], ['b', 'c']],
    ['what fits all options', ['--event', 'deny', '--sub', 'job://*'], ['c']],
  ])('keeps %s', async (_, args, ids) => {
    const lines = [
      auditLine({ ts: '2026-11-24T11:29:59.999Z', jti: 'a' }),
      auditLine({ ts: '2026-11-24T11:30:00.000Z', jti: 'b', step: 8, reason: 'expired' }),
      auditLine({
        ts: '2026-11-24T11:45:00.000Z',
        jti: 'c',
        step: 14,
        reason: 'policy:no',
        sub: 'job://x',
        route: 'orders',
      }),
      auditLine({
        ts: '2026-11-24T11:59:00.000Z',
        event: 'allow',
        step: 14,
        reason: undefined,
        jti: 'd',
        sub: 'job://x',
      }),
    ]
    const { stdout, stderr, exitCode } = await audit(lines.join('\n'), ...args)
    const kept = stdout.split('\n').filter((line) => line !== '')
    expect(kept.map((line) => (JSON.parse(line) as { jti: string }).jti)).toEqual(ids)
    expect([stderr, exitCode]).toEqual(['', 0])
  })
})
