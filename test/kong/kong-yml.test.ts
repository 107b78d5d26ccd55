import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nativeFunctions } from '../../kong/guard/native.ts'
import { type LocalGateway, startLocalGateway } from '../../kong/local-gateway/index.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { HARDENED_PLUGIN_SERVER, PLUGIN_FOLDER } from '../../testkit/stack.ts'
import { paste } from '../docs/paste.ts'

const FILE = 'kong/kong.yml'

describe('kong/kong.yml as it is', () => {
  const prefix = mkdtempSync(join(tmpdir(), 'oathmesh-kong-yml-'))
  const audit: unknown[] = []
  let gateway: LocalGateway

  beforeAll(async () => {
    gateway = await startLocalGateway({
      config: readFileSync(FILE, 'utf8'),
      nativeFunctions,
      pluginServer: {
        startCommand: [HARDENED_PLUGIN_SERVER, '-d', PLUGIN_FOLDER, '-p', prefix],
        queryCommand: [HARDENED_PLUGIN_SERVER, '-d', PLUGIN_FOLDER, '--dump-all-plugins'],
        socketPath: join(prefix, 'js_pluginserver.sock'),
      },
      log: (_, line) => {
        const [json] = /\{"ts":.*\}/.exec(line) ?? []
        if (json !== undefined) audit.push(JSON.parse(json))
      },
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await gateway.stop()
    rmSync(prefix, { recursive: true, force: true })
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
