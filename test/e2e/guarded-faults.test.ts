import { once } from 'node:events'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { renderPlugins } from '../../kong/guard/render.ts'
import { nativeFunctions } from '../../kong/local-gateway/guard-functions.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { type PluginChoice, STOCK_PLUGIN_SERVER } from '../../testkit/plugin-commands.ts'
import { serviceWith } from '../../testkit/service-with.ts'
import { type Loopback, startOnLoopback } from '../../testkit/start-on-loopback.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { onWire, WIRES } from '../../testkit/wires.ts'

const GUARD = parse(renderPlugins({ kind: 'global' })) as object

interface Row {
  readonly name: string
  readonly plugin: PluginChoice
  readonly guard: object
  /** What is answered when the plugin server falls silent or dies: by the guard, or by Kong itself. */
  readonly dead: 500 | 503
}

const ROWS: readonly Row[] = [
  {
    name: 'the stock plugin server, with the guard',
    plugin: { server: STOCK_PLUGIN_SERVER },
    guard: GUARD,
    dead: 503,
  },
  {
    name: 'ours on MessagePack, with the guard',
    plugin: onWire('msgpack'),
    guard: GUARD,
    dead: 503,
  },
  { name: 'ours on ProtoBuf, with the guard', plugin: onWire('protobuf'), guard: GUARD, dead: 500 },
  { name: 'ours on ProtoBuf, without it', plugin: onWire('protobuf'), guard: {}, dead: 500 },
]

describe.each(ROWS)('whatever the plugin does under $name', ({ plugin, guard, dead }) => {
  const MODES = ['throw', 'reject-later', 'hang', 'exit', 'pid', 'construct']
  let stack: Loopback
  beforeAll(async () => {
    stack = await startOnLoopback({
      plugin: { ...plugin, folder: resolve('test/fixtures/faulty-plugin') },
      entities: serviceWith(Object.fromEntries(MODES.map((mode) => [`/${mode}`, { mode }])), guard),
      nativeFunctions,
      rpcTimeoutMs: 400,
      respawnDelayMs: 100,
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await stack.stop()
  })

  test.each([
    ['throws', '/throw', 503],
    ['rejects after a PDK call', '/reject-later', 503],
    ['never answers', '/hang', dead],
    ['cannot be constructed', '/construct', 500],
    ['ends its process', '/exit', dead],
  ])('a plugin that %s reaches no upstream', async (_fault, path, status) => {
    const { pid } = stack.pluginServer
    expect((await httpCall(stack.url, { path })).status).toBe(status)
    if (path === '/exit') await stack.pluginServer.replaced(pid)
    expect(stack.seen).toEqual([])
  })

  // That is no fault that Kong could see: what the guard does on any wire.
  test('a plugin that lets the request pass without a decision reaches one only without it', async () => {
    const { status } = await httpCall(stack.url, { path: '/pid' })
    expect([status, stack.seen.length]).toEqual(guard === GUARD ? [503, 0] : [200, 1])
  })
})

describe.each(WIRES)('with the guard, a request on %s that its client abandons', (wire) => {
  let stack: Loopback
  beforeAll(async () => {
    stack = await startOnLoopback({
      plugin: onWire(wire),
      entities: serviceWith(
        {
          '/items': BASE_CONFIG,
          '/bound': { ...BASE_CONFIG, request_binding: { mode: 'strict' } },
        },
        GUARD,
      ),
      nativeFunctions,
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await stack.stop()
  })

  const bound = () => freshToken({ rqh: `sha256:${'0'.repeat(64)}` })
  const STAGES = [
    ['before anything is sent', () => ''],
    ['inside the request line', () => 'GET /it'],
    ['inside the headers', () => 'GET /items HTTP/1.1\r\nHost: a\r\nAuthorization: OathM'],
    [
      'right after the headers',
      () => `GET /items HTTP/1.1\r\nHost: a\r\nAuthorization: OathMesh ${freshToken()}\r\n\r\n`,
    ],
    [
      'inside a body that nobody reads',
      () =>
        `POST /items HTTP/1.1\r\nHost: a\r\nAuthorization: OathMesh ${freshToken()}\r\nContent-Length: 100\r\n\r\nabc`,
    ],
    [
      'inside a body that the plugin waits for',
      () =>
        `POST /bound HTTP/1.1\r\nHost: a\r\nAuthorization: OathMesh ${bound()}\r\nContent-Length: 100\r\n\r\nabc`,
    ],
  ] as const

  test.each(STAGES)(
    '%s, a hundred times, leaves gateway and plugin server working',
    async (_, text) => {
      const { hostname, port } = new URL(stack.url)
      const { pid } = stack.pluginServer
      for (let times = 0; times < 100; times++) {
        const socket = connect(Number(port), hostname)
        await once(socket, 'connect')
        socket.write(text())
        socket.resetAndDestroy()
        await once(socket, 'close')
      }
      const headers = ['Authorization', `OathMesh ${freshToken()}`]
      expect((await httpCall(stack.url, { path: '/items', headers })).status).toBe(200)
      expect(stack.pluginServer.pid).toBe(pid)
      expect(
        stack.seen.filter(({ headers: { authorization } }) => authorization !== undefined),
      ).toEqual([])
    },
  )
})
