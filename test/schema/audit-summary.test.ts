import { Ajv2020 } from 'ajv/dist/2020.js'
import { auditCommand } from '../../cli/audit/audit-command.ts'
import { runCli } from '../../cli/terminal/run-cli.ts'
import schema from '../../schema/audit-summary.schema.json' with { type: 'json' }
import { auditLine } from '../cli/audit/lines.ts'
import { fakeIo } from '../cli/fake-io.ts'

const check = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(schema)

const CHAIN_START = '{"ts":"2026-11-24T03:09:03.000Z","event":"chain_start","chain":"c","seq":0}'

async function summaryOf(...lines: readonly string[]): Promise<object> {
  const io = fakeIo(lines.join('\n'))
  await runCli(auditCommand(io), ['summary', '--json'], io)
  return JSON.parse(io.written.stdout) as object
}

describe('audit-summary.schema.json', () => {
  test.each<[string, readonly string[]]>([
    ['of no decision', [CHAIN_START]],
    ['of foreign lines beside it', ['x', '{}', CHAIN_START]],
    ['of one allowed call', [auditLine({ event: 'allow', step: 14, degraded: true })]],
    [
      'of all kinds',
      [
        auditLine(),
        auditLine({ step: undefined, sub: undefined, reason: 'authorization_missing' }),
        auditLine({ enforced: false, verified: false, route: 'orders' }),
        '{"ts":"',
      ],
    ],
  ])('accepts the summary %s', async (_, lines) => {
    check(await summaryOf(...lines))
    expect(check.errors).toBeNull()
  })

  test('refuses a count that is none, and an unknown member', async () => {
    const summary = await summaryOf(auditLine())
    expect(check({ ...summary, degraded: -1 })).toBe(false)
    expect(check({ ...summary, more: 1 })).toBe(false)
  })
})
