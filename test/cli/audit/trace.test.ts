import { auditCommand } from '../../../cli/audit/audit-command.ts'
import { runCli } from '../../../cli/terminal/run-cli.ts'
import { renderAuditLine } from '../../../lib/audit/render.ts'
import { fakeIo } from '../fake-io.ts'
import { auditLine } from './lines.ts'

const JTI = '550e8400-e29b-41d4-a716-446655440000'
const MINT = renderAuditLine({
  ts: '2026-11-24T03:09:01.000Z',
  event: 'mint',
  caller: 'client:ci',
  jti: JTI,
  sub: 'agent://ci/bot',
  act: 'items.read',
  aud: 'https://api.example',
  rule: 'ci',
  status: 200,
})
const ALLOW = auditLine({
  ts: '2026-11-24T03:09:02.000Z',
  event: 'allow',
  step: 14,
  reason: undefined,
  jti: JTI,
  gateway: 'kong',
  route: 'items',
})
const REPLAY = auditLine({ ts: '2026-11-24T03:09:03.000Z', jti: JTI, gateway: 'envoy' })

async function trace(lines: readonly string[], ...args: readonly string[]) {
  const io = fakeIo(lines.join('\n'))
  await runCli(auditCommand(io), ['trace', '--jti', JTI, ...args], io)
  return io.written
}

describe('oathmesh audit trace', () => {
  test('tells the life of one token in the order of time, out of any number of logs', async () => {
    const others = [auditLine({ jti: 'other' }), `kong-1 | ${ALLOW}`]
    expect(await trace([REPLAY, ...others, MINT])).toEqual({
      stdout: [
        `token ${JTI}`,
        '2026-11-24T03:09:01.000Z  minted   agent://ci/bot, to items.read, at https://api.example, for client:ci, by rule ci',
        '2026-11-24T03:09:02.000Z  allowed  by kong, on route items',
        '2026-11-24T03:09:03.000Z  denied   by envoy, at step 13, jti_replay',
        '',
      ].join('\n'),
      stderr: '',
      exitCode: 0,
    })
  })

  test('prints the lines as JSON', async () => {
    const { stdout } = await trace([REPLAY, MINT], '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      jti: JTI,
      lines: [{ event: 'mint' }, { event: 'deny' }],
      left_out: 0,
    })
  })

  test('ends with 1 when no line names the token', async () => {
    expect(await trace([auditLine({ jti: 'other' })])).toEqual({
      stdout: `no line names the token ${JTI}\n`,
      stderr: '',
      exitCode: 1,
    })
  })

  test('says when claims were not proven', async () => {
    const { stdout } = await trace([auditLine({ jti: JTI, verified: false })])
    expect(stdout).toContain('claims not verified')
  })
})
