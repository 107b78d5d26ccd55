import { connect } from 'node:net'
import { resolve } from 'node:path'
import { closeHttpCalls, httpCall } from '../../../../../testkit/http-call.ts'
import { type Loopback, startOnLoopback } from '../../../../../testkit/start-on-loopback.ts'

const FILE = resolve('test/fixtures/odd-plugin-server/odd-protobuf.cjs')
// biome-ignore format: reads as a table
const MODES = [
  'plain', 'split', 'together', 'stray', 'exit', 'wrong-sequence', 'garbage', 'garbage-answer', 'half', 'silent',
  'unknown-method', 'method-of-msgpack', 'wrong-argument', 'lua-error', 'close', 'dies', 'forgets', 'start-closes',
]

describe('the ProtoBuf wire before an odd plugin server', () => {
  const log: string[] = []
  let events = 0
  let gateway: Loopback
  let reached = 0

  beforeAll(async () => {
    gateway = await startOnLoopback({
      plugin: (socketPath) => ({
        startCommand: [process.execPath, FILE, socketPath],
        queryCommand: [process.execPath, FILE, '--dump'],
      }),
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
      upstream: (_, response) => {
        reached += 1
        response.end('upstream')
      },
      rpcTimeoutMs: 300,
      respawnDelayMs: 1000,
      log: (level, line) => {
        if (!/listening$|^\[pluginserver\]/.test(line)) log.push(`${level} ${line}`)
      },
      trace: (from) => {
        if (from === 'kong') events += 1
      },
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await gateway.stop()
  })
  beforeEach(() => {
    log.length = 0
    events = 0
    reached = 0
  })

  const call = (mode: string) => httpCall(gateway.url, { path: `/${mode}` })

  test.each([
    ['at once', 'plain', []],
    ['byte by byte', 'split', ['split']],
    ['with several calls in one write', 'together', ['one', 'two']],
  ])('understands an event that ends %s', async (_, mode, lines) => {
    expect((await call(mode)).status).toBe(200)
    expect((await call(mode)).status).toBe(200)
    expect(log).toEqual([...lines, ...lines].map((line) => `notice [kong] [oathmesh] ${line}`))
    expect(reached).toBe(2)
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

  test('gives the connection of an exit to nobody else', async () => {
    expect((await call('exit')).status).toBe(401)
    events = 0
    expect((await call('plain')).status).toBe(200)
    expect([reached, log]).toEqual([1, []])
  })

  test.each([
    ['is for another call', 'wrong-sequence', /another sequence/],
    ['is no frame', 'garbage', /pluginserver error: timeout$/],
    ['is no message', 'garbage-answer', /RpcReturn: cannot be decoded/],
    ['stops in the middle', 'half', /pluginserver error: timeout$/],
    ['does not come', 'silent', /pluginserver error: timeout$/],
    ['asks for no PDK method', 'unknown-method', /method "kong.request.nope" not found$/],
    [
      'asks for one of the other wire',
      'method-of-msgpack',
      /"kong.request.get_raw_path" not found$/,
    ],
    ['has an argument of another type', 'wrong-argument', /type mismatch for field 'v'$/],
    ['makes a PDK call fail', 'lua-error', /code must be a number/],
  ])('refuses the request with 500 when the answer %s, and logs it', async (_, mode, line) => {
    const { status, text } = await call(mode)
    expect(status).toBe(500)
    expect(JSON.parse(text)).toEqual({
      message: 'An unexpected error occurred',
      request_id: expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    expect(log).toEqual([expect.stringMatching(/^error /)])
    expect(log[0]).toMatch(line)
    expect(reached).toBe(0)
  })

  test('starts a forgotten instance again and repeats the event when the connection is closed', async () => {
    await call('plain')
    log.length = 0
    expect((await call('forgets')).status).toBe(200)
    expect(log).toEqual(['warn [kong] [oathmesh] closed'])
    events = 0
    // All instances are forgotten with it: one start, one event.
    await call('plain')
    expect(events).toBe(2)
  })

  test('repeats for ever before a server that closes, for as long as the client waits', async () => {
    const { hostname, port } = new URL(gateway.url)
    const client = connect(Number(port), hostname)
    client.write('GET /close HTTP/1.1\r\nHost: a\r\n\r\n')
    while (log.length < 50) await new Promise((next) => setImmediate(next))
    expect(new Set(log)).toEqual(new Set(['warn [kong] [oathmesh] closed']))
    client.destroy()
    for (let before = -1; before < log.length; ) {
      before = log.length
      await call('plain')
    }
    expect(reached).toBeGreaterThan(0)
  })

  test('knows no more than "closed" of an instance that could not be started', async () => {
    expect((await call('start-closes')).status).toBe(500)
    expect((await call('start-closes')).status).toBe(500)
    expect(log).toHaveLength(2)
    expect(log[0]).toMatch(/^error .*starting instance: closed$/)
    expect(events).toBe(2)
  })

  test('refuses while the plugin server is gone, whether the instance was known or not', async () => {
    await call('plain')
    reached = 0
    const { pid } = gateway.pluginServer
    expect((await call('dies')).status).toBe(500)
    const answers = await Promise.all(['plain', 'plain', 'exit', 'together'].map(call))
    expect(answers.map(({ status }) => status)).toEqual([500, 500, 500, 500])
    expect(reached).toBe(0)
    await gateway.pluginServer.replaced(pid)
    expect((await call('plain')).status).toBe(200)
  })

  test('refuses while the plugin server is frozen, and goes on when it thaws', async () => {
    await call('plain')
    reached = 0
    const { pid = 0 } = gateway.pluginServer
    process.kill(pid, 'SIGSTOP')
    try {
      expect((await call('plain')).status).toBe(500)
      expect(reached).toBe(0)
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    expect((await call('plain')).status).toBe(200)
  })
})
