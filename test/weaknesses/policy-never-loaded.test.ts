import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { until } from '../../testkit/redis-server.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const ISSUERS = BASE_CONFIG.issuers.map(({ issuer }) => issuer)
const policy = (changes: object = {}) =>
  JSON.stringify({
    version: 1,
    issuers: ISSUERS,
    audiences: [BASE_CONFIG.audience],
    rules: [
      { name: 'bots', match: { sub: 'agent://*' }, allow: true },
      { name: 'default', allow: false },
    ],
    ...changes,
  })

const folder = mkdtempSync(join(tmpdir(), 'oathmesh-never-loaded-'))
const NEVER_VALID: readonly (readonly [what: string, name: string, text?: string])[] = [
  ['is missing', 'missing.json'],
  ['is in a missing folder', 'nowhere/policy.json'],
  ['is no JSON', 'broken.json', '{"version": 1'],
  ['is empty', 'empty.json', ''],
  ['is of another shape', 'shape.json', '{"version":1}'],
  ['is for another audience', 'audience.json', policy({ audiences: ['https://other.internal'] })],
  ['is for another issuer', 'issuer.json', policy({ issuers: ['https://other.example'] })],
  ['does not end in default', 'end.json', policy({ rules: [{ name: 'all', allow: false }] })],
  ['is a faulty Pkl module', 'faulty.pkl', 'amends "modulepath:/oathmesh-policy.pkl"\nrules = 7'],
  ['is a folder', 'folder.json'],
]

let stack: Loopback

beforeAll(async () => {
  mkdirSync(join(folder, 'folder.json'))
  for (const [, name, text] of NEVER_VALID) {
    if (text !== undefined) writeFileSync(join(folder, name), text)
  }
  writeFileSync(join(folder, 'denies.json'), policy({ rules: [{ name: 'default', allow: false }] }))
  const names = [...NEVER_VALID.map(([, name]) => name), 'denies.json', 'later.json']
  stack = await startOnLoopback({
    entities: serviceWith(
      Object.fromEntries(
        names.map((name) => [
          hostOf(name),
          { ...BASE_CONFIG, policy: { file: join(folder, name) }, audit: { sink: 'kong' } },
        ]),
      ),
    ),
  })
})
afterAll(async () => {
  closeHttpCalls()
  await stack.stop()
  rmSync(folder, { recursive: true })
})

function hostOf(name: string): string {
  return `${name.replaceAll(/[/.]/g, '-')}.test`
}

function call(name: string) {
  const authorization = `OathMesh ${freshToken()}`
  return httpCall(stack.url, { headers: ['Host', hostOf(name), 'Authorization', authorization] })
}

describe('a policy that was never loaded', () => {
  test.each(NEVER_VALID.map(([what, name]) => [what, name] as const))(
    'because its file %s is 503 and says when to come back',
    async (_, name) => {
      const { status, headers, text } = await call(name)
      expect(status).toBe(503)
      expect(headers['retry-after']).toMatch(/^\d+$/)
      const body = JSON.parse(text) as object
      expect(body).toMatchObject({ error: 'verification_failed', step: 14 })
      expect(text).not.toContain('Ask the operator of this API for a rule')
      expect(text).not.toContain(folder)
      expect(stack.seen).toEqual([])
    },
  )

  test('is policy_not_loaded in the audit line', async () => {
    await call('missing.json')
    await stack.logged(/"event":"deny","step":14,"reason":"policy_not_loaded"/)
  })

  test('is told from one that was loaded and denies', async () => {
    const { status, headers, text } = await call('denies.json')
    expect([status, headers['retry-after']]).toEqual([403, undefined])
    expect(text).toContain('policy_denied')
  })

  test('decides as soon as its file is valid, and goes on when it is gone again', async () => {
    expect((await call('later.json')).status).toBe(503)
    writeFileSync(join(folder, 'later.json'), policy())
    await until(async () => (await call('later.json')).status === 200, 5000)
    rmSync(join(folder, 'later.json'))
    await stack.logged(/policy not loaded: the version before goes on deciding/)
    expect((await call('later.json')).status).toBe(200)
  })
})
