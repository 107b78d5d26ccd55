import { closeHttpCalls, httpCall } from '../../../../../testkit/http-call.ts'
import { type Loopback, startOnLoopback } from '../../../../../testkit/start-on-loopback.ts'
import { oddPluginServer } from '../../odd-plugin-server.ts'

// biome-ignore format: reads as a table
const MODES = [
  'plain', 'split', 'notify', 'extra', 'stray', 'wrong-id', 'garbage', 'half', 'stuck', 'close', 'silent', 'error',
  'forgets', 'start-fails', 'start-breaks',
]

describe('the protocol client before an odd plugin server', () => {
  const log: string[] = []
  const said: string[] = []
  let gateway: Loopback

  beforeAll(async () => {
    gateway = await startOnLoopback({
      plugin: oddPluginServer,
      entities: (url) => ({
        services: [
          {
            name: 'up',
            url,
            routes: MODES.map((mode) => ({
              name: mode,
              paths: [`/${mode}`],
              plugins: [{ name: 'oathmesh', config: { mode } }],
            })),
          },
        ],
      }),
      rpcTimeoutMs: 300,
      claimTimeoutMs: 100,
      log: (level, line) => {
        if (!/listening$|^\[pluginserver\]/.test(line)) log.push(`${level} ${line}`)
      },
      trace: (from, message) => {
        if (from === 'kong') said.push(String((message as unknown[])[2]))
      },
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await gateway.stop()
  })
  beforeEach(() => {
    log.length = 0
    said.length = 0
  })

  const call = (mode: string) => httpCall(gateway.url, { path: `/${mode}` })

  test.each([
    ['comes byte by byte', 'split'],
    ['comes together with a notification', 'notify'],
    ['comes together with another frame', 'extra'],
  ])('understands an answer that %s', async (_, mode) => {
    expect((await call(mode)).status).toBe(200)
    expect((await call(mode)).status).toBe(200)
    expect(log).toEqual([])
  })

  test('gives up a kept connection on which something arrives unasked', async () => {
    for (let round = 1; round <= 3; round++) {
      expect((await call('stray')).status).toBe(200)
      process.kill(gateway.pluginServer.pid ?? 0, 'SIGUSR2')
      while (log.length < round) await new Promise((next) => setImmediate(next))
    }
    const connections = log.map((line) => /^info .* on connection (\d+)$/.exec(line)?.[1])
    expect(new Set(connections).size).toBe(3)
  })

  test.each([
    ['is an error', 'error', 'plugin broke'],
    ['is a closed connection', 'close', 'no data'],
    ['does not come', 'silent', 'no data'],
  ])('lets the request pass when the answer %s, and logs it', async (_, mode, line) => {
    expect((await call(mode)).status).toBe(200)
    expect(log).toEqual([`error [kong] [oathmesh] ${line}`])
  })

  test.each([
    ['is for another message', 'wrong-id'],
    ['is no MessagePack', 'garbage'],
    ['breaks off', 'half'],
    ['stays half', 'stuck'],
  ])('ends the request with 500 when the answer %s', async (_, mode) => {
    const { status, text } = await call(mode)
    expect(status).toBe(500)
    expect(JSON.parse(text)).toMatchObject({ message: 'An unexpected error occurred' })
  })

  test('ends the request with 500 when the instance cannot be started, and tries again', async () => {
    expect((await call('start-fails')).status).toBe(500)
    expect((await call('start-fails')).status).toBe(500)
    expect(said).toEqual(['plugin.StartInstance', 'plugin.StartInstance'])
  })

  test('waits for a claim that an error of Lua has left, and goes on without the plugin', async () => {
    for (let round = 1; round <= 2; round++) {
      expect((await call('start-breaks')).status).toBe(500)
      said.length = 0
      log.length = 0
      expect((await call('start-breaks')).status).toBe(200)
      expect(said).toEqual([])
      expect(log).toEqual([expect.stringContaining('Could not claim instance_id for oathmesh')])
    }
  })

  test('starts a forgotten instance again and repeats the event', async () => {
    await call('split')
    said.length = 0
    expect((await call('forgets')).status).toBe(200)
    expect(log).toEqual([expect.stringMatching(/^warn .*No Plugin Instance #\d+$/)])
    expect(said).toEqual([
      'plugin.StartInstance',
      'plugin.HandleEvent',
      'plugin.StartInstance',
      'plugin.HandleEvent',
    ])
    // A server that does not know one instance is another one and knows none.
    await call('split')
    expect(said.slice(4)).toEqual(['plugin.StartInstance', 'plugin.HandleEvent'])
  })

  test('starts one instance for requests that come together', async () => {
    await Promise.all(Array.from({ length: 20 }, () => call('plain')))
    expect(said.filter((method) => method === 'plugin.StartInstance')).toHaveLength(1)
    expect(said.filter((method) => method === 'plugin.HandleEvent')).toHaveLength(20)
  })

  test('sees only the first plugin that the query command names', async () => {
    const another = startOnLoopback({
      plugin: oddPluginServer,
      entities: () => ({ plugins: [{ name: 'another', config: { mode: 'split' } }] }),
    })
    await expect(another).rejects.toThrow('plugin another')
  })
})
