import { Ajv2020 } from 'ajv/dist/2020.js'
import { readAuditLine } from '../../cli/audit/read-audit-line.ts'
import { LAST_STEP } from '../../lib/denial.ts'
import schema from '../../schema/audit-event.schema.json' with { type: 'json' }
import { fakeKong } from '../../testkit/fake-kong.ts'
import { pluginHandler } from '../../testkit/plugin-handler.ts'
import {
  authorizationOf,
  configOf,
  readVectors,
  tokenOf,
  type Vector,
} from '../../testkit/vectors.ts'

const check = new Ajv2020({ allErrors: true }).compile(schema)
const vectors = readVectors().flatMap(({ cases }) => cases)

/** What the plugin writes for a vector sent twice: the second time most are replays. */
async function linesOf(vector: Vector, more: object = {}): Promise<readonly string[]> {
  const handler = pluginHandler({ ...configOf(vector), ...more }, undefined, vector.now)
  const headers = { authorization: authorizationOf(vector, tokenOf(vector)) }
  const lines: string[] = []
  for (const kong of [fakeKong({ headers }), fakeKong({ headers })]) {
    await handler.access(kong)
    lines.push(
      ...kong.calls.filter(([name]) => name === 'log.notice').map(([, line]) => String(line)),
    )
  }
  return lines
}

async function allLines(more?: object): Promise<readonly string[]> {
  return (await Promise.all(vectors.map((vector) => linesOf(vector, more)))).flat()
}

describe('audit-event.schema.json', () => {
  test.each<[string, object | undefined]>([
    ['as configured', undefined],
    ['with all context', { audit: { context: 'full' } }],
    ['in observe mode', { enforcement: 'observe' }],
  ])('accepts every line that the plugin writes, %s', async (_, more) => {
    const lines = await allLines(more)
    expect(lines.length).toBeGreaterThanOrEqual(2 * vectors.length)
    for (const line of lines) {
      check(JSON.parse(line))
      expect({ line, errors: check.errors ?? null }).toEqual({ line, errors: null })
    }
  })

  test('is put to many reasons and both events', async () => {
    const events = (await allLines()).map(
      (line) => JSON.parse(line) as { event: string; reason?: string },
    )
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(['allow', 'deny']))
    expect(new Set(events.map(({ reason }) => reason)).size).toBeGreaterThan(20)
  })

  test('describes what oathmesh audit reads', async () => {
    for (const line of await allLines()) expect(readAuditLine(line)).toMatchObject({ text: line })
  })

  const deny = {
    ts: '2026-11-24T03:09:03.000Z',
    event: 'deny',
    reason: 'expired',
    code: 'token_expired',
    status: 401,
    verified: true,
    enforced: true,
    us: 1,
  }
  test.each<[string, object]>([
    ['an unknown member', { ...deny, token: 'x' }],
    ['another event', { ...deny, event: 'maybe' }],
    ['a denial without reason', { ...deny, reason: undefined }],
    ['a step beyond the last', { ...deny, step: LAST_STEP + 1 }],
    ['a local time', { ...deny, ts: '2026-11-24T03:09:03+01:00' }],
    ['an allow with a reason', { ...deny, event: 'allow', step: LAST_STEP }],
    ['a number in a chain without a seal', { ...deny, chain: 'c', seq: 0 }],
  ])('refuses %s', (_, event) => {
    expect(check(deny)).toBe(true)
    expect(check(JSON.parse(JSON.stringify(event)))).toBe(false)
  })
})
