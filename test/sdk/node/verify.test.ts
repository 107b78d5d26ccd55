import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import express from 'express'
import fastify from 'fastify'
import { requestHash } from '../../../lib/binding/request-hash.ts'
import type { AuditEvent } from '../../../lib/index.ts'
import { silentLog } from '../../../lib/ports/log.ts'
import { callerOf, createVerifier, type ServiceVerifier } from '../../../sdk/node/verify/index.ts'
import { freshToken } from '../../../testkit/fresh-token.ts'
import { closeHttpCalls, type HttpCall, httpCall } from '../../../testkit/http-call.ts'
import { listen } from '../../../testkit/listen.ts'
import { BASE_CONFIG } from '../../../testkit/vectors.ts'

const events: AuditEvent[] = []
const opened: ServiceVerifier[] = []
const stops: (() => Promise<unknown>)[] = []
afterAll(async () => {
  closeHttpCalls()
  await Promise.all([...opened.map((one) => one.close()), ...stops.map((stop) => stop())])
})

const BINDING = { mode: 'strict', required: 'all', max_body_bytes: 1000 } as const

function verifierWith(more: object = {}): ServiceVerifier {
  const config = { ...BASE_CONFIG, policy: { allow_all: true }, request_binding: BINDING, ...more }
  const verifier = createVerifier(config as Parameters<typeof createVerifier>[0], {
    name: 'items',
    log: silentLog,
    auditLine: () => {},
    onDecision: (event) => events.push(event),
  })
  opened.push(verifier)
  return verifier
}

/** A service that answers with what it was given; each host in its own way of writing one. */
interface Seen {
  readonly body: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly distinct?: Readonly<Record<string, unknown>> | undefined
  readonly raw?: readonly string[]
  readonly caller?: string | undefined
}

function seenOf(request: IncomingMessage, body: string): Seen {
  const { headers, headersDistinct: distinct, rawHeaders: raw } = request
  return { body, headers, distinct, raw, caller: callerOf(request)?.claims.sub }
}

async function onExpress(verifier: ServiceVerifier): Promise<string> {
  const app = express()
  const items = express.Router()
  items.use(verifier.node)
  items.use(express.text({ type: '*/*', limit: '1mb' }))
  items.all('/{*path}', (request, response) => {
    const body = typeof request.body === 'string' ? request.body : ''
    response.json(seenOf(request, body))
  })
  // Below a mount point Express shortens the URL.
  app.use('/v1', items)
  const server = await listen(createServer(app))
  stops.push(() => server.stop())
  return server.url
}

async function onFastify(verifier: ServiceVerifier): Promise<string> {
  const app = fastify()
  app.addHook('onRequest', verifier.fastify)
  app.addContentTypeParser('*', { parseAs: 'string' }, (_, body, done) => done(null, body))
  app.all('/v1/*', (request) => ({
    ...seenOf(request.raw, String(request.body ?? '')),
    caller: callerOf(request)?.claims.sub,
  }))
  stops.push(() => app.close())
  return app.listen({ host: '127.0.0.1', port: 0 })
}

async function onPlainHttp(verifier: ServiceVerifier): Promise<string> {
  const server = await listen(
    createServer((request, response) => {
      const answer = (body: string) => response.end(JSON.stringify(seenOf(request, body)))
      verifier.node(request, response, () => void text(request).then(answer))
    }),
  )
  stops.push(() => server.stop())
  return server.url
}

async function onFetch(verifier: ServiceVerifier): Promise<string> {
  const handle = verifier.fetch(async (request, caller) => {
    const headers = Object.fromEntries(request.headers)
    return Response.json({ body: await request.text(), headers, caller: caller?.claims.sub })
  })
  const server = await listen(
    createServer(async (request, response) => {
      const { method = '', rawHeaders } = request
      const headers = new Headers()
      for (let at = 0; at < rawHeaders.length; at += 2) {
        const name = rawHeaders[at] ?? ''
        // Those of the connection are the adapter's.
        if (!/^(connection|transfer-encoding)$/i.test(name))
          headers.append(name, rawHeaders[at + 1] ?? '')
      }
      const body = method === 'GET' || method === 'HEAD' ? null : request
      const url = new URL(request.url ?? '/', 'http://service.test')
      const init = { method, headers, body, duplex: 'half' } as RequestInit
      const answer = await handle(new Request(url, init))
      response.writeHead(answer.status, Object.fromEntries(answer.headers))
      response.end(Buffer.from(await answer.arrayBuffer()))
    }),
  )
  stops.push(() => server.stop())
  return server.url
}

const HOSTS = [
  ['Express', onExpress],
  ['Fastify', onFastify],
  ['node:http', onPlainHttp],
  ['Fetch', onFetch],
] as const

interface Sent {
  readonly path?: string
  readonly body?: string
  readonly token?: string
  readonly headers?: readonly string[]
}

async function post(origin: string, { path = '/v1/items?dry=1', body = '', ...sent }: Sent) {
  const [rawPath = '', rawQuery = ''] = path.split('?')
  const rqh = requestHash('strict', { method: 'POST', rawPath, rawQuery }, Buffer.from(body))
  const { token = freshToken({ rqh }), headers = [] } = sent
  const call: HttpCall = {
    method: 'POST',
    path,
    headers: ['Authorization', `OathMesh ${token}`, 'Content-Type', 'text/plain', ...headers],
    body: Buffer.from(body),
  }
  const answer = await httpCall(origin, call)
  return { ...answer, seen: JSON.parse(answer.text) as Seen & Record<string, unknown> }
}

describe.each(HOSTS)('a service of %s', (name, host) => {
  let origin: string
  beforeAll(async () => {
    origin = await host(verifierWith())
  })

  test('gets an allowed call with its body, its caller and nothing of the token', async () => {
    const { status, seen } = await post(origin, { body: 'a body' })
    expect(status).toBe(200)
    expect(seen).toMatchObject({ body: 'a body', caller: 'agent://ci/deploy-bot' })
    expect(seen.headers).toMatchObject({
      'x-oathmesh-decision': 'allow',
      'x-oathmesh-subject': 'agent://ci/deploy-bot',
    })
    expect(JSON.stringify(seen)).not.toContain('OathMesh ey')
    expect(seen.headers).not.toHaveProperty('authorization')
  })

  test('gets an empty body, too', async () => {
    const { status, seen } = await post(origin, {})
    expect([status, seen.body]).toEqual([200, ''])
  })

  test('never gets a call twice', async () => {
    const { status, seen } = await post(origin, { body: 'x' })
    expect(status).toBe(200)
    const line = { method: 'POST', rawPath: '/v1/items', rawQuery: 'dry=1' }
    const rqh = requestHash('strict', line, Buffer.from('x'))
    const token = freshToken({ rqh })
    const statuses = []
    for (let use = 0; use < 3; use++) {
      statuses.push((await post(origin, { body: 'x', token })).status)
    }
    expect([seen.body, ...statuses]).toEqual(['x', 200, 401, 401])
  })

  test('gets no identity that a client has written, in whatever spelling', async () => {
    const spoofed = ['X-OathMesh-Subject', 'x-oathmesh-admin', 'X_OathMesh_Subject']
    const headers = spoofed.flatMap((header) => [header, 'agent://spoofed'])
    const { status, seen } = await post(origin, { body: 'x', headers })
    expect(status).toBe(200)
    expect(JSON.stringify(seen)).not.toContain('spoofed')
    if (name !== 'Fetch') {
      expect(seen.distinct?.['x-oathmesh-subject']).toEqual(['agent://ci/deploy-bot'])
    }
  })

  test('does not get a call for another body, path or query', async () => {
    const token = () => {
      const line = { method: 'POST', rawPath: '/v1/items', rawQuery: 'dry=1' }
      return freshToken({ rqh: requestHash('strict', line, Buffer.from('x')) })
    }
    const changed = [
      { body: 'y' },
      { body: 'x', path: '/v1/items?dry=2' },
      { body: 'x', path: '/v1/other?dry=1' },
    ]
    for (const sent of changed) {
      const { status, seen } = await post(origin, { ...sent, token: token() })
      expect([status, seen['error'], seen['step']]).toEqual([401, 'binding_mismatch', 12])
    }
  })

  test('is asked for nothing by a refused call, which learns why', async () => {
    const { status, headers, seen } = await post(origin, { token: 'no.token.atall' })
    expect(status).toBe(401)
    expect(headers['www-authenticate']).toBe('OathMesh realm="oathmesh"')
    expect(seen).toMatchObject({
      error: 'token_malformed',
      step: 2,
      audience: BASE_CONFIG.audience,
      binding: 'strict',
    })
    expect(typeof seen['request_id']).toBe('string')
  })

  test('gets no body above the limit of the binding', async () => {
    const { status, seen } = await post(origin, { body: 'x'.repeat(1001) })
    expect([status, seen['error']]).toEqual([413, 'binding_mismatch'])
  })

  test('gets one credential or none', async () => {
    const second = ['Authorization', `OathMesh ${freshToken()}`]
    const { status, seen } = await post(origin, { headers: second })
    expect([status, seen['error'], 'step' in seen]).toEqual([401, 'claim_missing:token', false])
  })
})

describe('with enforcement: observe', () => {
  test.each(HOSTS)('%s gets a refused call, marked and whole', async (_, host) => {
    const origin = await host(verifierWith({ enforcement: 'observe' }))
    const body = 'z'.repeat(5000)
    const { status, seen } = await post(origin, { body, headers: ['X-OathMesh-Subject', 'me'] })
    expect([status, seen.body.length, seen.caller]).toEqual([200, 5000, undefined])
    expect(seen.headers).toMatchObject({ 'x-oathmesh-decision': 'observe' })
    expect(JSON.stringify(seen)).not.toContain('OathMesh ey')
    expect(seen.headers).not.toHaveProperty('x-oathmesh-subject')
    expect(events.at(-1)).toMatchObject({ event: 'deny', enforced: false, service: 'items' })
  })
})

describe('a body in pieces', () => {
  test.each(HOSTS)('is bound and read by %s as one', async (name, host) => {
    const origin = await host(verifierWith())
    const { hostname, port } = new URL(origin)
    const line = { method: 'POST', rawPath: '/v1/items', rawQuery: '' }
    const rqh = requestHash('strict', line, Buffer.from('first second'))
    const socket = connect(Number(port), hostname)
    const chunk = (part: string) => `${part.length.toString(16)}\r\n${part}\r\n`
    socket.write(
      `POST /v1/items HTTP/1.1\r\nHost: a.test\r\nAuthorization: OathMesh ${freshToken({ rqh })}\r\n` +
        `Content-Type: text/plain\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk('first ')}`,
    )
    await new Promise((sent) => setImmediate(sent))
    socket.end(`${chunk('second')}0\r\n\r\n`)
    const answer = await text(socket)
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
    expect(answer).toContain('"body":"first second"')
    expect(name).toBeDefined()
  })
})

describe('a refused call with a body that has not come', () => {
  test('leaves no connection for it to be read from as a request', async () => {
    const { hostname, port } = new URL(await onPlainHttp(verifierWith()))
    const socket = connect(Number(port), hostname)
    socket.write('POST /v1/items HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100\r\n\r\n')
    const closed = once(socket, 'close')
    let answer = ''
    socket.on('data', (data) => {
      answer += String(data)
    })
    await closed
    expect(answer).toMatch(/^HTTP\/1.1 401 /)
    expect(answer).toMatch(/^connection: close\r$/im)
  })
})

describe('the request line', () => {
  test('of the absolute form is the one that routers see', async () => {
    const routes = [{ method: 'POST', path: '/v1/items', action: 'inventory.delete' }]
    const require = { action: '**', routes }
    const origin = await onFastify(verifierWith({ require, request_binding: { mode: 'off' } }))
    const target = 'http://service.test/v1/items'
    const { status, seen } = await post(origin, { path: target, token: freshToken() })
    expect([status, seen['error']]).toEqual([403, 'policy_denied'])
  })
})

describe('createVerifier', () => {
  // biome-ignore format: reads as a table
  test.each([
    [{ audience: undefined }, /audience/],
    [{ policy: {} }, /policy/],
    [{ audiences: [] }, /audiences/],
    [{ consumer: { by: 'subject' } }, /consumer: a service has no consumers/],
    [{ anonymous: 'nobody' }, /anonymous/],
    [{ audit: { serialize: true } }, /audit.serialize/],
  ])('refuses %j by name', (more, message) => {
    expect(() => verifierWith(more)).toThrow(message)
    expect(() => verifierWith(more)).toThrow(TypeError)
  })

  test('gives two verifiers of one audience one memory', async () => {
    const origins = [await onFetch(verifierWith()), await onExpress(verifierWith())]
    const line = { method: 'POST', rawPath: '/v1/items', rawQuery: 'dry=1' }
    const token = freshToken({ rqh: requestHash('strict', line, Buffer.alloc(0)) })
    const statuses = []
    for (const origin of origins) statuses.push((await post(origin, { token })).status)
    expect(statuses).toEqual([200, 401])
  })

  test('lets nothing pass when the audit line cannot be taken', async () => {
    const verifier = createVerifier(
      { ...BASE_CONFIG, policy: { allow_all: true } },
      {
        log: silentLog,
        auditLine: () => {
          throw new Error('disk full')
        },
      },
    )
    opened.push(verifier)
    const { status, seen } = await post(await onPlainHttp(verifier), { token: freshToken() })
    expect([status, seen['error']]).toEqual([401, 'verification_failed'])
  })
})
