import { resolve } from 'node:path'
import { closeHttpCalls, type HttpCall, httpCall } from '../../../testkit/http-call.ts'
import { STOCK_PLUGIN_SERVER } from '../../../testkit/plugin-commands.ts'
import { type Seen, valuesOf } from '../../../testkit/seen.ts'
import { type Loopback, startOnLoopback } from '../../../testkit/start-on-loopback.ts'
import { onWire } from '../../../testkit/wires.ts'
import { CONSUMER_ID, scriptedRoutes } from './scripted-routes.ts'

/** `own` is what differs: nil, an error of Lua, or a method that the wire does not have. */
const SERVERS = [
  {
    name: 'MessagePack, under the stock server',
    plugin: { server: STOCK_PLUGIN_SERVER },
    own: {
      spooled: 500,
      tooLong: 500,
      raw: 200,
      unknown: 200,
      badExit: 500,
      none: {},
      flag: [],
      json: 'application/json; charset=utf-8',
    },
  },
  {
    name: 'ProtoBuf, under ours, which refuses what cannot be asked',
    plugin: onWire('protobuf'),
    own: {
      spooled: 200,
      tooLong: 503,
      raw: 503,
      unknown: 503,
      badExit: 503,
      none: [],
      flag: [true],
      json: 'application/json',
    },
  },
]

describe.each(SERVERS)('the PDK of the local gateway on $name', ({ plugin, own }) => {
  const log: string[] = []
  let gateway: Loopback
  let onLog: () => void = () => {}

  beforeAll(async () => {
    gateway = await startOnLoopback({
      plugin: { ...plugin, folder: resolve('test/fixtures/scripted-plugin') },
      entities: (url) => ({
        services: [
          {
            name: 'up',
            url,
            routes: scriptedRoutes(),
          },
        ],
        consumers: [{ username: 'c1', id: CONSUMER_ID }],
      }),
      log: (level, line) => {
        log.push(`${level} ${line}`)
        onLog()
      },
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await gateway.stop()
  })

  const call = (path: string, options: Omit<HttpCall, 'path'> = {}) =>
    httpCall(gateway.url, { path, ...options })

  async function echoed(path: string, options: Omit<HttpCall, 'path'> = {}): Promise<Seen> {
    const { status, text } = await call(path, options)
    expect(status).toBe(200)
    return JSON.parse(text) as Seen
  }

  async function results(path: string, options: Omit<HttpCall, 'path'> = {}): Promise<unknown[]> {
    const [shown = ''] = valuesOf(await echoed(path, options), 'x-results')
    return JSON.parse(decodeURIComponent(shown)) as unknown[]
  }

  /** The first log line, past or future, that matches. */
  function logged(pattern: RegExp): Promise<string> {
    return new Promise((found) => {
      onLog = () => {
        const line = log.find((text) => pattern.test(text))
        if (line !== undefined) found(line)
      }
      onLog()
    })
  }

  test('shows every value of every header, and no more than asked for', async () => {
    const headers = ['Host', 'gateway', 'X-One', '1', 'x-one', '2', 'X-Text', 'Ã©']
    const [all, two] = (await results('/headers/', { headers })) as Record<string, string[]>[]
    expect(all).toMatchObject({ host: ['gateway'], 'x-one': ['1', '2'], 'x-text': ['é'] })
    expect(two).toEqual({ host: ['gateway'], 'x-one': ['1'] })
  })

  test('shows the first value of one header, by any spelling of its name', async () => {
    const headers = ['X-One', '1', 'X-One', '2']
    expect(await results('/header/', { headers })).toEqual(['1', '1', null])
  })

  test('decodes and normalises paths as Kong does', async () => {
    expect(await results('/x/..//path/a%20b%2fc/%c3%a9/./?q=1&q&flag&e=&p=a+b%20c&=x')).toEqual([
      '/path/a b%2Fc/é/',
      '/x/..//path/a%20b%2fc/%c3%a9/./?q=1&q&flag&e=&p=a+b%20c&=x',
      'q=1&q&flag&e=&p=a+b%20c&=x',
      { q: ['1', true], flag: own.flag, e: [''], p: ['a b c'] },
    ])
  })

  test('shows the path as it came, on the wire that can ask for it', async () => {
    const { status, text } = await call('/raw-path/a%20b/./')
    expect(status).toBe(own.raw)
    if (status !== 200) return
    const [shown = ''] = valuesOf(JSON.parse(text) as Seen, 'x-results')
    expect(JSON.parse(decodeURIComponent(shown))).toEqual(['/raw-path/a%20b/./'])
  })

  test('answers a body with bytes and sends it on', async () => {
    const body = Buffer.from([0, 1, 255])
    const echo = await echoed('/body/', { method: 'POST', body })
    expect(Buffer.from(echo.body, 'latin1')).toEqual(body)
    const [shown = ''] = valuesOf(echo, 'x-results')
    expect(decodeURIComponent(shown)).toBe('[{"type":"Buffer","data":[0,1,255]}]')
  })

  test.each([
    ['/body-default/', 10_240, 200],
    ['/body-default/', 10_241, own.spooled],
    ['/body-up-to/', 12_000, 200],
    ['/body-up-to/', 12_001, own.tooLong],
    ['/body-any/', 100_000, 200],
  ])('reads a body on %s of %d bytes: %d', async (path, length, expected) => {
    const body = Buffer.alloc(length)
    expect((await call(path, { method: 'POST', body })).status).toBe(expected)
  })

  test('knows two ids of a request, of which the client gets one', async () => {
    const { headers, text } = await call('/ids/', { headers: ['X-One', '1', 'X-One', '2'] })
    const [shown = ''] = valuesOf(JSON.parse(text) as Seen, 'x-results')
    const [nginx, kong, ...rest] = JSON.parse(decodeURIComponent(shown)) as string[]
    expect(nginx).toMatch(/^[0-9a-f]{32}$/)
    expect(kong).toBe(headers['x-kong-request-id'])
    expect(kong).not.toBe(nginx)
    expect(rest).toEqual([null, '1, 2'])
  })

  test('logs an unknown method and answers nil, or has the server refuse', async () => {
    expect((await call('/unknown/')).status).toBe(own.unknown)
    if (own.unknown === 200)
      await logged(/^error could not find pdk method: kong\.request\.get_id$/)
  })

  test('sets, lists, empties, adds and removes headers', async () => {
    const headers = ['X-One', '1', 'X-Two', 'x', 'X-Three', 'z']
    const echo = await echoed('/set/', { headers })
    const shown = (name: string) => valuesOf(echo, name)
    expect(shown('x-list')).toEqual(['a', 'b'])
    expect(shown('x-one')).toEqual([])
    // On the wire a space; a parser takes it for white space around nothing.
    expect(shown('x-empty')).toEqual([''])
    expect(shown('x-number')).toEqual(['7'])
    expect(shown('x-text')).toEqual(['Ã©'])
    expect(shown('x-break')).toEqual(['a%0D%0Ab: c'])
    expect(shown('x-two')).toEqual(['x', 'y'])
    expect(shown('x-three')).toEqual([])
  })

  test('strips what a plugin has set when the client says it is hop-by-hop', async () => {
    const echo = await echoed('/set/', { headers: ['Connection', 'X-List, close'] })
    expect(valuesOf(echo, 'x-list')).toEqual([])
    expect(valuesOf(echo, 'x-number')).toEqual(['7'])
  })

  test('sends a host that a plugin has set', async () => {
    expect(valuesOf(await echoed('/host/'), 'host')).toEqual(['other.example'])
  })

  test('finds consumers by id and by name', async () => {
    const c1 = expect.objectContaining({ id: CONSUMER_ID, username: 'c1' })
    const given = [{ id: 'x' }, { id: 'y' }]
    expect(await results('/consumer/')).toEqual([c1, c1, null, null, ...given])
  })

  test('keeps what a plugin shares', async () => {
    expect(await results('/shared/')).toEqual([null, { a: [1] }, null])
  })

  test('lets nothing pass that exits with no status', async () => {
    expect((await call('/exit-wrong/')).status).toBe(own.badExit)
  })

  test.each(['/set-wrong/', '/consumer-wrong/'])(
    'ends %s with 500: Kong raises an error there',
    async (path) => {
      const { status, text } = await call(path)
      expect(status).toBe(500)
      expect(JSON.parse(text)).toEqual({
        message: 'An unexpected error occurred',
        request_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      })
    },
  )

  test('exits with a table as JSON', async () => {
    const { status, headers, text } = await call('/exit/')
    expect(status).toBe(403)
    expect(text).toBe(JSON.stringify({ why: 'no', list: own.none }))
    expect(headers).toMatchObject({
      'content-type': own.json,
      'content-length': '22',
      'x-why': 'a, b',
      'x-empty': '',
      server: 'kong/3.9.3',
      'x-kong-request-id': expect.stringMatching(/^[0-9a-f]{32}$/),
    })
    expect(headers).not.toHaveProperty('x-none')
  })

  test('exits with a text as it is, and with nothing', async () => {
    const text = await call('/exit-text/')
    expect([text.status, text.text, text.headers['content-type']]).toEqual([
      200,
      'plain',
      undefined,
    ])
    const none = await call('/exit-none/')
    expect([none.status, none.text]).toEqual([204, ''])
  })

  test('tells the log phase what has happened', async () => {
    await call('/log/?a=1&b', { headers: ['Authorization', 'secret'] })
    const line = await logged(/^info .*results \[.*upstream_uri/)
    const [text, status] = JSON.parse(line.slice(line.indexOf('results ') + 8)) as [string, number]
    expect(status).toBe(200)
    expect(JSON.parse(text)).toMatchObject({
      upstream_uri: '/log/?a=1&b',
      request: {
        method: 'GET',
        querystring: { a: '1', b: true },
        headers: { authorization: 'REDACTED' },
      },
      source: 'upstream',
      upstream_status: '200',
      response: { status: 200, headers: { via: '1.1 kong/3.9.3' } },
      consumer: { id: 'c' },
      authenticated_entity: { id: 'jti' },
      a: { b: 1 },
    })
  })

  test('has no request in the log phase', async () => {
    expect((await call('/log-request/')).status).toBe(200)
    await logged(/^error .*kong\.request\.get_method: no request found$/)
  })

  test('keeps 150 requests at a time apart', async () => {
    const ids = Array.from({ length: 150 }, (_, at) => String(at))
    const seen = await Promise.all(ids.map((id) => results('/header/', { headers: ['X-One', id] })))
    expect(seen.map(([value]) => value)).toEqual(ids)
  })
})
