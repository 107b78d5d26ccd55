import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { NativePlugin } from '../../../kong/local-gateway/index.ts'
import { closeHttpCalls, type HttpCall, httpCall } from '../../../testkit/http-call.ts'
import { type Seen, valuesOf } from '../../../testkit/seen.ts'
import { type Loopback, startOnLoopback } from '../../../testkit/start-on-loopback.ts'
import { oddPluginServer } from './odd-plugin-server.ts'
import { OddUpstream } from './odd-upstream.ts'

/** A plugin that reads the body, as many of Kong's do. */
const reader: NativePlugin = () => ({
  name: 'reader',
  priority: 1,
  access: async (exchange) => void (await exchange.body()),
})

describe('the proxy of the local gateway', () => {
  const log: string[] = []
  const upstream = new OddUpstream()
  let gateway: Loopback

  beforeAll(async () => {
    const refused = await unusedPort()
    gateway = await startOnLoopback({
      plugin: oddPluginServer,
      upstream: upstream.listener,
      entities: (url) => ({
        services: [
          {
            name: 'up',
            url,
            routes: [
              { name: 'all', paths: ['/'] },
              { name: 'stripped', paths: ['/api'] },
              { name: 'preserved', paths: ['/preserved'], preserve_host: true },
              {
                name: 'silent',
                paths: ['/silent'],
                plugins: [{ name: 'oathmesh', config: { mode: 'silent' } }],
              },
              {
                name: 'read',
                paths: ['/read'],
                strip_path: false,
                plugins: [{ name: 'reader', config: {} }],
              },
              { name: 'elsewhere', hosts: ['elsewhere.example'], methods: ['PURGE'] },
            ],
          },
          { name: 'slow', url, read_timeout: 100, routes: [{ paths: ['/slow'] }] },
          { name: 'gone', url: refused, routes: [{ paths: ['/refused'] }] },
        ],
      }),
      nativePlugins: { reader },
      rpcTimeoutMs: 200,
      log: (level, line) => log.push(`${level} ${line}`),
    })
  })
  afterAll(async () => {
    closeHttpCalls()
    await gateway.stop()
  })
  beforeEach(() => {
    upstream.arrivals.length = 0
  })

  const call = (path: string, options: Omit<HttpCall, 'path'> = {}) =>
    httpCall(gateway.url, { path, ...options })

  async function echoed(path: string, options: Omit<HttpCall, 'path'> = {}): Promise<Seen> {
    const { status, text: body } = await call(path, options)
    expect(status).toBe(200)
    return JSON.parse(body) as Seen
  }

  /** What comes back for bytes as they are. */
  async function raw(bytes: string): Promise<string> {
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
    socket.write(bytes, 'latin1')
    return await text(socket)
  }

  test('tells the upstream who asked for what', async () => {
    const headers = [
      'Host',
      'Gateway.example:8000',
      'X-Real-IP',
      '6.6.6.6',
      'X-Forwarded-Prefix',
      '/x',
    ]
    const echo = await echoed('/api/a%20b?c=d', { headers })
    const { host } = new URL(gateway.upstreamUrl)
    const { port } = new URL(gateway.url)
    expect(echo.url).toBe('/a%20b?c=d')
    const shown = (name: string) => valuesOf(echo, name)
    expect(shown('host')).toEqual([host])
    expect(shown('x-forwarded-for')).toEqual(['127.0.0.1'])
    expect(shown('x-forwarded-proto')).toEqual(['http'])
    expect(shown('x-forwarded-host')).toEqual(['gateway.example'])
    expect(shown('x-forwarded-port')).toEqual([port])
    expect(shown('x-forwarded-path')).toEqual(['/api/a%20b'])
    expect(shown('x-forwarded-prefix')).toEqual(['/api'])
    expect(shown('x-real-ip')).toEqual(['127.0.0.1'])
    expect(shown('via')).toEqual(['1.1 kong/3.9.3'])
    expect(shown('x-kong-request-id')).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)])
    expect(shown('connection')).toEqual(['keep-alive'])
  })

  test('continues what proxies before it have said', async () => {
    const headers = ['X-Forwarded-For', '1.2.3.4', 'Via', '1.0 fred']
    const echo = await echoed('/', { headers })
    expect(valuesOf(echo, 'x-forwarded-for')).toEqual(['1.2.3.4, 127.0.0.1'])
    expect(valuesOf(echo, 'via')).toEqual(['1.0 fred, 1.1 kong/3.9.3'])
    expect(valuesOf(echo, 'x-forwarded-prefix')).toEqual([])
  })

  test('keeps the host where the route says so', async () => {
    const headers = ['Host', 'Gateway.example:8000']
    const echo = await echoed('/preserved', { headers })
    expect(valuesOf(echo, 'host')).toEqual(['Gateway.example:8000'])
  })

  test('strips the headers that the first Connection header names', async () => {
    const kept = ['X-A', '1', 'X-B', '2', 'X-C', '3', 'TE', 'trailers, deflate']
    const headers = ['Connection', ' X-A ,close,x-b', 'Connection', 'x-c', 'Proxy-Connection', 'x']
    const echo = await echoed('/', { headers: [...headers, ...kept] })
    const shown = (name: string) => valuesOf(echo, name)
    expect([...shown('x-a'), ...shown('x-b'), ...shown('proxy-connection')]).toEqual([])
    expect(shown('x-c')).toEqual(['3'])
    expect(shown('te')).toEqual(['trailers'])
  })

  /** A whole request with a body, over a connection that is then closed. */
  const posted = (path: string, connection: string, body: string) =>
    raw(
      `POST ${path} HTTP/1.1\r\nHost: g\r\nConnection: ${connection}\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    )
  const SECOND = 'GET /smuggled HTTP/1.1\r\nHost: g\r\nX-OathMesh-Decision: allow\r\n\r\n'

  test.each(['close, content-length', 'CONTENT-LENGTH,close', 'close ,  Content-Length'])(
    'sends a body that a plugin has read without its length for "%s", as Kong does',
    async (connection) => {
      const answer = await posted('/read', connection, SECOND)
      expect(answer).toContain('"body":""')
      await until(() => upstream.arrivals.includes('/smuggled'))
      expect(upstream.arrivals).toEqual(['/read', '/smuggled'])
    },
  )

  test('does so with a chunked body, too', async () => {
    const chunk = `${SECOND.length.toString(16)}\r\n${SECOND}\r\n0\r\n\r\n`
    const head = 'Connection: close,content-length\r\nTransfer-Encoding: chunked\r\n\r\n'
    await raw(`POST /read HTTP/1.1\r\nHost: g\r\n${head}${chunk}`)
    await until(() => upstream.arrivals.includes('/smuggled'))
    expect(upstream.arrivals).toEqual(['/read', '/smuggled'])
  })

  test('keeps that connection to itself, whatever is answered on it', async () => {
    await posted('/read', 'close, content-length', SECOND)
    for (let round = 0; round < 3; round++) expect((await echoed('/next')).url).toBe('/next')
  })

  test.each(['close,\tcontent-length', 'close, content_length', 'close, transfer-encoding'])(
    'keeps its length for "%s", as Kong does',
    async (connection) => {
      expect(await posted('/read', connection, SECOND)).toContain('"body":"GET /smuggled')
      expect(upstream.arrivals).toEqual(['/read'])
    },
  )

  test('does not send on a body that nobody has read where its length is dropped', async () => {
    expect(await posted('/', 'close, content-length', SECOND)).toContain('"body":""')
    expect(upstream.arrivals).toEqual(['/'])
  })

  test('sends chunked bodies by their length, and says nothing when there is none', async () => {
    const chunked = 'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n'
    const answer = await raw(`POST / HTTP/1.1\r\nHost: g\r\n${chunked}`)
    expect(answer).toContain('"body":"abc"')
    expect(answer.toLowerCase()).toContain('"content-length","3"')
    expect(answer.toLowerCase()).not.toContain('chunked"')
    for (const method of ['POST', 'PUT', 'GET']) {
      const none = await raw(`${method} / HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n`)
      expect(none).toContain('"body":""')
      expect(none.toLowerCase()).not.toMatch(/"content-length"|"transfer-encoding"/)
    }
    const zero = 'POST / HTTP/1.1\r\nHost: g\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'
    expect((await raw(zero)).toLowerCase()).toContain('"content-length","0"')
  })

  test('streams large bodies both ways', async () => {
    const { headers } = await call('/', { method: 'PUT', body: Buffer.alloc(5_000_000) })
    expect(headers['x-length']).toBe('5000000')
    expect((await call('/large')).text).toHaveLength(5_000_000)
  })

  test('drops what belongs to the connection with the upstream and adds its own', async () => {
    const { headers } = await call('/hop')
    expect(headers).toMatchObject({ via: '1.0 up, 1.1 kong/3.9.3', server: 'up' })
    expect(headers['x-kong-request-id']).toMatch(/^[0-9a-f]{32}$/)
    expect(headers).not.toHaveProperty('x-hop')
    expect(headers['keep-alive']).not.toBe('timeout=1')
    expect((await call('/')).headers['server']).toBe('kong/3.9.3')
  })

  test('knows answers without a body', async () => {
    expect(await call('/', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' })
    expect(await call('/unchanged')).toMatchObject({ status: 304, text: '' })
  })

  test('reads a request target with an authority', async () => {
    const answer = await raw(
      'GET http://other.example/a?b HTTP/1.1\r\nHost: g\r\nConnection: close\r\n\r\n',
    )
    expect(answer).toContain('"url":"/a?b"')
  })

  test.each([
    [
      'refuses connections',
      '/refused',
      502,
      'An invalid response was received from the upstream server',
    ],
    [
      'closes without an answer',
      '/close',
      502,
      'An invalid response was received from the upstream server',
    ],
    ['does not answer in time', '/slow/never', 504, 'The upstream server is timing out'],
  ])('says so when the upstream %s', async (_, path, status, message) => {
    const answer = await call(path)
    const id = answer.headers['x-kong-request-id']
    expect([answer.status, answer.text]).toEqual([status, `${message}\nrequest_id: ${id}\n`])
    const json = await call(path, { headers: ['Accept', 'text/html;q=0.5, application/json'] })
    expect([json.status, JSON.parse(json.text)]).toEqual([
      status,
      { message, request_id: json.headers['x-kong-request-id'] },
    ])
  })

  test.each(['/a%00', '/a%2', '/../a'])('answers 400 to %s, by no header', async (path) => {
    const { status, headers, text: body } = await call(path, { headers: ['Accept', 'text/html'] })
    const id = headers['x-kong-request-id']
    expect([status, headers['content-type'], body]).toEqual([
      400,
      'text/plain; charset=utf-8',
      `Bad request\nrequest_id: ${id}\n`,
    ])
  })

  test('answers 400 to a header that may stand once only', async () => {
    for (const name of ['Authorization', 'If-Match', 'If-None-Match']) {
      const headers = ['Host', 'g', name, 'a', name.toLowerCase(), 'b']
      expect((await call('/', { headers })).status).toBe(400)
    }
    const headers = ['X-A', 'a', 'X-A', 'b', 'Accept', 'a', 'Accept', 'b']
    expect((await call('/', { headers })).status).toBe(200)
  })

  test('finds no route for a path that is no UTF-8', async () => {
    for (const path of ['/a%c0%afb', '/a%ff', '/%ed%a0%80']) {
      expect((await call(path)).status).toBe(404)
    }
    expect((await call('/%c3%a4?%ff')).status).toBe(200)
    expect(upstream.arrivals).toEqual(['/%C3%A4?%ff'])
  })

  test('breaks off where the upstream does', async () => {
    await expect(call('/half')).rejects.toThrow('aborted')
  })

  test('repeats a request without a body when a kept connection has just been closed', async () => {
    for (let round = 0; round < 4; round++) expect((await call('/once')).status).toBe(200)
    const withBody = await call('/once', { method: 'POST', body: Buffer.from('x') })
    expect(withBody.status).toBe(502)
  })

  test('leaves the upstream when the client leaves', async () => {
    const before = upstream.abandoned
    const sent = request(`${gateway.url}/never`).on('error', () => {})
    sent.end()
    await until(() => upstream.arrivals.includes('/never'))
    sent.destroy()
    await until(() => upstream.abandoned > before)
  })

  test('does not ask the upstream for a client that has left during the plugins', async () => {
    const sent = request(`${gateway.url}/silent`).on('error', () => {})
    sent.end()
    const [socket] = (await once(sent, 'socket')) as [Socket]
    await once(socket, 'connect')
    await new Promise((flushed) => socket.write('', flushed))
    sent.destroy()
    await until(() => log.some((line) => line.includes('no data')))
    expect((await call('/after')).status).toBe(200)
    expect(upstream.arrivals).toEqual(['/after'])
  })

  test('answers 404 without a route', async () => {
    const lonely = await startOnLoopback({
      plugin: oddPluginServer,
      entities: () => ({}),
    })
    const { status, headers, text: body } = await httpCall(lonely.url, { path: '/' })
    await lonely.stop()
    expect(status).toBe(404)
    expect(body).toBe(
      `{\n  "message":"no Route matched with those values",\n  "request_id":"${headers['x-kong-request-id']}"\n}`,
    )
  })
})

async function unusedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((closed) => server.close(closed))
  return `http://127.0.0.1:${port}`
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((next) => setImmediate(next))
}
