import { resolve } from 'node:path'
import { closeHttpCalls, httpCall } from '../../../testkit/http-call.ts'
import { STOCK_PLUGIN_SERVER } from '../../../testkit/plugin-commands.ts'
import { serviceWith } from '../../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../../testkit/start-on-loopback.ts'

const PLUGIN = { server: STOCK_PLUGIN_SERVER, folder: resolve('test/fixtures/faulty-plugin') }
const MODES = ['throw', 'reject-later', 'hang', 'exit', 'body', 'pid', 'refuse', 'construct']

describe('the local gateway fails as Kong does', () => {
  let stack: Loopback
  beforeAll(async () => {
    stack = await startOnLoopback({
      plugin: PLUGIN,
      entities: serviceWith(Object.fromEntries(MODES.map((mode) => [`/${mode}`, { mode }]))),
      rpcTimeoutMs: 300,
      respawnDelayMs: 100,
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await stack.stop()
  })

  const call = (path: string, body?: Buffer) =>
    httpCall(stack.url, { path, method: body ? 'POST' : 'GET', ...(body && { body }) })

  test.each([
    ['access throws', '/throw'],
    ['access rejects after a PDK call', '/reject-later'],
    ['access never ends', '/hang'],
  ])('open when %s', async (_, path) => {
    expect((await call(path)).status).toBe(200)
  })

  test('open when the process ends during the request', async () => {
    const { pid } = stack.pluginServer
    expect((await call('/exit')).status).toBe(200)
    await stack.pluginServer.replaced(pid)
  })

  test('open while the process is gone when the instance is known, else closed', async () => {
    await call('/pid')
    const { pid = 0 } = stack.pluginServer
    process.kill(pid, 'SIGKILL')
    await stack.logged(/terminated: signal 9/)
    const answers = await Promise.all(Array.from({ length: 20 }, () => call('/pid')))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    // An instance that was never started cannot be started now.
    expect((await call('/body')).status).toBe(500)
    await stack.pluginServer.replaced(pid)
  })

  test('starts the instance again after a restart and says why', async () => {
    await call('/pid')
    const { pid } = stack.pluginServer
    expect(stack.seen.at(-1)?.headers['x-plugin-pid']).toBe(String(pid))
    await stack.logged(/warn .*no plugin instance/)
  })

  test('closed when the constructor throws', async () => {
    const { status, text } = await call('/construct')
    expect(status).toBe(500)
    expect(text).toContain('An unexpected error occurred')
    await stack.logged(/error .*audience: required field missing/)
  })

  test('closed when the plugin refuses', async () => {
    expect((await call('/refuse')).status).toBe(401)
  })

  test('closed when a body has been spooled to disk', async () => {
    expect((await call('/body', Buffer.alloc(10_240, 'a'))).status).toBe(200)
    expect((await call('/body', Buffer.alloc(10_241, 'a'))).status).toBe(500)
  })

  test('refuses to start with a field that the schema does not have', async () => {
    const wrong = startOnLoopback({
      plugin: PLUGIN,
      entities: serviceWith({ '/': { mode: 'pid', mood: 'x' } }),
    })
    await expect(wrong).rejects.toThrow('config.mood: unknown field')
    const missing = startOnLoopback({ plugin: PLUGIN, entities: serviceWith({ '/': {} }) })
    await expect(missing).rejects.toThrow('config.mode: required field missing')
  })
})
