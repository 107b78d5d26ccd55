import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import { connect as connectSocket, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GrpcListener } from '../../envoy/grpc/grpc-listener.ts'
import { Health } from '../../envoy/health.ts'
import { EnvoyService } from '../../testkit/envoy-service.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { until } from '../../testkit/redis-server.ts'
import { residentKib } from '../../testkit/resident-kib.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'
import { Authority } from '../lib/keys/certificates.ts'

const PATIENCE_MS = 300
const MESSAGE = Buffer.from([0, 0, 0, 0, 2, 1, 2])
const HEADERS = { ':method': 'POST', ':path': '/test/Echo', 'content-type': 'application/grpc' }

async function statusOf(stream: ClientHttp2Stream): Promise<string> {
  let status = 'none'
  stream.on('error', () => {})
  stream.on('trailers', (trailers) => {
    status = String(trailers['grpc-status'])
  })
  stream.resume()
  if (!stream.closed) await once(stream, 'close')
  return status
}

/** Of the door for gRPC and of that for HTTP. */
function portsOf({ errors }: EnvoyService): readonly number[] {
  const [line = ''] = /listening on .*/.exec(errors) ?? []
  return [...line.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port))
}

describe('at the door for gRPC', () => {
  const folder = mkdtempSync(join(tmpdir(), 'om-slow-'))
  const path = join(folder, 'grpc.sock')
  const health = new Health()
  const listener = new GrpcListener({
    methods: { '/test/Echo': (message, call) => call.answer(message), ...health.methods },
    maxMessageBytes: 100_000,
    maxStreams: 1000,
    tls: undefined,
    patienceMs: PATIENCE_MS,
  })
  const sessions: ClientHttp2Session[] = []
  let good: ClientHttp2Session

  function open(settings: { initialWindowSize?: number } = {}): ClientHttp2Session {
    const createConnection = () => connectSocket(path)
    const session = connect('http://localhost', { createConnection, settings })
    session.on('error', () => {})
    sessions.push(session)
    return session
  }
  const isAnswered = async (session: ClientHttp2Session) => {
    const stream = session.request(HEADERS)
    stream.end(MESSAGE)
    expect(await statusOf(stream)).toBe('0')
  }

  beforeAll(async () => {
    await listener.listen({ kind: 'unix', path })
    good = open()
    await isAnswered(good)
  })
  afterAll(async () => {
    for (const session of sessions) session.destroy()
    await listener.stop(0)
    rmSync(folder, { recursive: true })
  })
  /** One connection, from the first test to the last, and however long nothing was said on it. */
  afterEach(() => isAnswered(good))

  test('a peer that says nothing is cut', async () => {
    const silent = Array.from({ length: 50 }, () => connectSocket(path).on('error', () => {}))
    const cut = silent.map((socket) => once(socket.resume(), 'close'))
    await isAnswered(good)
    await Promise.all(cut)
  })

  test('a peer that begins to speak and stops is cut', async () => {
    const socket = connectSocket(path).on('error', () => {})
    socket.write('PRI * HTTP/2.0\r\n')
    await once(socket.resume(), 'close')
  })

  test('a message that does not become whole ends its call, and no other of its connection', async () => {
    const stream = good.request(HEADERS)
    stream.write(MESSAGE.subarray(0, 6))
    await isAnswered(good)
    expect(await statusOf(stream)).toBe('none')
  })

  test('a message that comes a byte now and then does as well', async () => {
    const stream = good.request(HEADERS)
    stream.write(Buffer.from([0, 0, 0, 1, 0]))
    const drip = setInterval(() => stream.write('x'), 20)
    expect(await statusOf(stream)).toBe('none')
    clearInterval(drip)
  })

  test('a peer that takes no answers is cut, with everything that waited for it', async () => {
    const deaf = open({ initialWindowSize: 0 })
    const streams = Array.from({ length: 500 }, () => deaf.request(HEADERS))
    const ends = streams.map(statusOf)
    for (const stream of streams) stream.end(MESSAGE)
    await isAnswered(good)
    if (!deaf.closed) await once(deaf, 'close')
    expect(new Set(await Promise.all(ends))).toEqual(new Set(['none']))
  })

  test('a watcher of health may wait as long as it likes', async () => {
    const watch = good.request({ ...HEADERS, ':path': '/grpc.health.v1.Health/Watch' })
    watch.end(Buffer.alloc(5))
    await once(watch, 'data')
    // A peer that is cut in the meantime tells that its patience has gone by.
    await once(
      connectSocket(path)
        .on('error', () => {})
        .resume(),
      'close',
    )
    await isAnswered(good)
    expect(watch.closed).toBe(false)
    watch.close()
  })
})

describe('at the doors as they ship', () => {
  const authority = new Authority()
  let service: EnvoyService
  let http: number

  beforeAll(async () => {
    service = await EnvoyService.start({
      policies: { default: BASE_CONFIG },
      flags: ['--listen', '127.0.0.1:0', '--listen-http', '127.0.0.1:0'],
    })
    http = portsOf(service)[1] ?? 0
  })
  afterAll(async () => {
    closeHttpCalls()
    await service.stop()
    authority.remove()
  })

  const ask = async () => {
    const headers = [
      ...['X-Original-Method', 'GET', 'X-Original-URI', '/'],
      ...['Authorization', `OathMesh ${freshToken()}`],
    ]
    const origin = `http://127.0.0.1:${http}`
    expect((await httpCall(origin, { path: '/nginx/default', headers })).status).toBe(200)
  }

  const HALF = 'GET /nginx/default HTTP/1.1\r\nHost: a\r\nX-Original-URI: /'
  type Behaviour = readonly [string, 'grpc' | 'http', (socket: Socket) => void]
  // The beginning of a ClientHello.
  const greet = (socket: Socket) => socket.write(Buffer.from('16030100c8010000c403', 'hex'))
  const PLAIN: readonly Behaviour[] = [
    ['says nothing', 'http', () => {}],
    ['stops within its headers', 'http', (socket) => socket.write(HALF)],
    [
      'sends its headers by the byte',
      'http',
      (socket) => {
        socket.write(HALF)
        const drip = setInterval(() => socket.write('x'), 200)
        socket.once('close', () => clearInterval(drip))
      },
    ],
    [
      'stops within its body',
      'http',
      (socket) => socket.write(`${HALF}\r\nContent-Length: 9\r\n\r\nx`),
    ],
    ['says nothing', 'grpc', () => {}],
  ]
  const SECURE: readonly Behaviour[] = [
    ['stops within the handshake of TLS', 'http', greet],
    ['stops within the handshake of TLS', 'grpc', greet],
  ]

  test('peers that are slow are cut within seconds, and others are served meanwhile', async () => {
    const { cert, key } = authority.issue('IP:127.0.0.1')
    const secure = await EnvoyService.start({
      policies: { default: BASE_CONFIG },
      flags: [
        ...['--listen', '127.0.0.1:0', '--listen-http', '127.0.0.1:0'],
        ...['--tls-cert', authority.write('door.pem', cert)],
        ...['--tls-key', authority.write('door.key', key)],
      ],
    })
    const held = new Map<Socket, string>()
    for (const [to, behaviours] of [
      [service, PLAIN],
      [secure, SECURE],
    ] as const) {
      const [grpc = 0, http = 0] = portsOf(to)
      for (const [what, door, behave] of behaviours.flatMap(
        (each) => Array(20).fill(each) as Behaviour[],
      )) {
        const socket = connectSocket(door === 'grpc' ? grpc : http, '127.0.0.1')
        held.set(socket.on('error', () => {}).resume(), `${door} ${what}`)
        socket.once('close', () => held.delete(socket))
        behave(socket)
      }
    }
    expect(held.size).toBe(140)
    await until(async () => {
      await ask()
      return held.size === 0
    }, 30_000).catch(() => {})
    expect([...new Set(held.values())]).toEqual([])
    await secure.stop()
  })

  test('a thousand peers that stop within their headers are in nobody’s way', async () => {
    const peers: Socket[] = []
    for (let at = 0; at < 1000; at++) {
      const socket = connectSocket(http, '127.0.0.1', () => socket.write(HALF))
      peers.push(socket.on('error', () => {}))
    }
    for (let at = 0; at < 20; at++) await ask()
    expect(residentKib(service.pid)).toBeLessThan(300_000)
    for (const socket of peers) socket.destroy()
  })
})
