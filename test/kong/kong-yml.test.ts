import { readFileSync } from 'node:fs'
import { nativeFunctions } from '../../kong/local-gateway/guard-functions.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { paste } from '../docs/paste.ts'

const FILE = 'kong/kong.yml'

describe('kong/kong.yml as it is', () => {
  const audit: unknown[] = []
  let gateway: Loopback

  beforeAll(async () => {
    gateway = await startOnLoopback({
      entities: () => readFileSync(FILE, 'utf8'),
      nativeFunctions,
      log: (_, line) => {
        const [json] = /\{"ts":.*\}/.exec(line) ?? []
        if (json !== undefined) audit.push(JSON.parse(json))
      },
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await gateway.stop()
  })
  beforeEach(() => audit.splice(0))

  test('refuses a call without a token to the enforcing service', async () => {
    const { status, text } = await httpCall(gateway.url, { path: '/inventory' })
    expect([status, JSON.parse(text)]).toEqual([
      401,
      expect.objectContaining({ error: 'claim_missing:token' }),
    ])
    expect(audit).toMatchObject([{ event: 'deny', reason: 'authorization_missing' }])
  })

  test('sends the same call on to the observing service, guard included, and says so', async () => {
    const { status, text } = await httpCall(gateway.url, { path: '/reports' })
    // Nothing listens where the file has its upstream, and that is what the gateway answers.
    expect([status, text]).toEqual([502, expect.stringContaining('upstream')])
    expect(audit).toMatchObject([
      { event: 'deny', reason: 'authorization_missing', enforced: false },
    ])
  })

  test('passes oathmesh kong lint', async () => {
    expect(await paste(`oathmesh kong lint ${FILE}`, { cwd: '.' })).toEqual({
      output: expect.stringContaining('the guard covers 2 oathmesh entities'),
      exitCode: 0,
    })
  })
})
