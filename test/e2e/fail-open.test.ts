import { httpCall } from '../../testkit/http-call.ts'
import { STOCK_PLUGIN_SERVER } from '../../testkit/plugin-commands.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

describe('Kong without a guard goes open on MessagePack', () => {
  let stack: Loopback
  beforeAll(async () => {
    stack = await startOnLoopback({
      plugin: { server: STOCK_PLUGIN_SERVER },
      entities: serviceWith({ '/items': BASE_CONFIG }),
      respawnDelayMs: 500,
    })
  })
  afterAll(() => stack.stop())

  const call = () => httpCall(stack.url, { path: '/items' })

  test('while the plugin server is dead, and closes again when it is back', async () => {
    expect((await call()).status).toBe(401)
    const { pid = 0 } = stack.pluginServer
    process.kill(pid, 'SIGKILL')
    await stack.logged(/pluginserver 'oathmesh' terminated/)
    // No token at all, and the upstream answers: this is what the guard is for.
    expect((await call()).status).toBe(200)
    expect(stack.seen.at(-1)?.headers).not.toHaveProperty('x-oathmesh-decision')
    await stack.pluginServer.replaced(pid)
    expect((await call()).status).toBe(401)
  })
})
