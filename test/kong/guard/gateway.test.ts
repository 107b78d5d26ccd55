import { parse } from 'yaml'
import { type GuardScope, renderPlugins } from '../../../kong/guard/render.ts'
import { nativeFunctions } from '../../../kong/local-gateway/guard-functions.ts'
import { httpCall } from '../../../testkit/http-call.ts'
import { serviceWith } from '../../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../../testkit/vectors.ts'
import { onWire } from '../../../testkit/wires.ts'

/** Long enough for a busy machine to construct an instance, which takes one answer, too. */
const RPC_TIMEOUT_MS = 3000

const forms: readonly (readonly [string, GuardScope])[] = [
  ['global', { kind: 'global' }],
  ['scoped', { kind: 'route', name: 'items' }],
]

describe.each(forms)('the %s guard before a real plugin server', (_, scope) => {
  let stack: Loopback
  beforeAll(async () => {
    stack = await startOnLoopback({
      // The wire that needs the guard.
      plugin: onWire('msgpack'),
      entities: serviceWith(
        { '/items': BASE_CONFIG, '/open': null },
        parse(renderPlugins(scope)) as object,
      ),
      nativeFunctions,
      rpcTimeoutMs: RPC_TIMEOUT_MS,
      respawnDelayMs: 500,
    })
  })
  afterAll(() => stack.stop())

  const call = (path: string, headers: readonly string[] = []) =>
    httpCall(stack.url, { path, headers })
  const spoofed = ['X-OathMesh-Decision', 'allow', 'x_oathmesh_decision', 'allow']
  const signal = (name: NodeJS.Signals) => {
    const { pid } = stack.pluginServer
    // Signalling process 0 would reach the whole group of the test itself.
    if (pid === undefined) throw new Error('there is no plugin server')
    process.kill(pid, name)
  }

  async function expectClosed(headers: readonly string[] = []): Promise<void> {
    const before = stack.seen.length
    const answer = await call('/items', headers)
    expect(answer.status).toBe(503)
    expect(answer.headers['retry-after']).toBe('1')
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'verification_failed' })
    expect(stack.seen).toHaveLength(before)
  }

  test('leaves refusals to the plugin while it lives', async () => {
    expect((await call('/items')).status).toBe(401)
    expect((await call('/items', spoofed)).status).toBe(401)
  })

  test('refuses while the plugin server hangs', async () => {
    signal('SIGSTOP')
    try {
      await expectClosed()
    } finally {
      signal('SIGCONT')
    }
  })

  test('refuses while the plugin server is dead, whatever the client claims, until it is back', async () => {
    const { pid } = stack.pluginServer
    signal('SIGKILL')
    await stack.logged(/pluginserver 'oathmesh' terminated/)
    await expectClosed()
    await expectClosed(spoofed)
    expect((await call('/open')).status).toBe(200)
    await stack.pluginServer.replaced(pid)
    expect((await call('/items')).status).toBe(401)
  })
})
