import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import { connect as connectSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CallOptions, Client, credentials, status } from '@grpc/grpc-js'
import type { GrpcCall } from '../../envoy/grpc/grpc-call.ts'
import { GrpcListener } from '../../envoy/grpc/grpc-listener.ts'
import { readTimeout } from '../../envoy/grpc/read-timeout.ts'
import { Health } from '../../envoy/health.ts'
import { until } from '../../testkit/redis-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'om-grpc-'))
const path = join(folder, 'grpc.sock')
const MAX_BYTES = 100_000
const waiting: GrpcCall[] = []
const health = new Health()
const listener = new GrpcListener({
  methods: {
    '/test/Echo': (message, call) => call.answer(message),
    '/test/Never': (_, call) => void waiting.push(call),
    ...health.methods,
  },
  maxMessageBytes: MAX_BYTES,
  maxStreams: 10,
  tls: undefined,
})
const same = (bytes: Buffer) => bytes
let client: Client
let session: ClientHttp2Session

beforeAll(async () => {
  await listener.listen({ kind: 'unix', path })
  client = new Client(`unix:${path}`, credentials.createInsecure())
  session = connect('http://localhost', { createConnection: () => connectSocket(path) })
})
afterAll(() => rmSync(folder, { recursive: true }))

/** By the library that everybody uses; rejects with gRPC's error. */
function call(method: string, message: Buffer, options: CallOptions = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(method, same, same, message, options, (fault, answer) => {
      if (fault === null) resolve(answer ?? Buffer.alloc(0))
      else reject(fault)
    })
  })
}

/** With the frames and headers that are given; what gRPC's status is in the end, or that of HTTP. */
async function raw(frames: readonly Buffer[], headers: Readonly<Record<string, string>> = {}) {
  const stream = session.request({
    ':method': 'POST',
    ':path': '/test/Echo',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  })
  for (const frame of frames) stream.write(frame)
  stream.end()
  return endOf(stream)
}

async function endOf(stream: ClientHttp2Stream): Promise<string> {
  let end = ''
  stream.on('response', (got) => {
    end = String(got['grpc-status'] ?? got[':status'])
  })
  stream.on('trailers', (got) => {
    end = String(got['grpc-status'])
  })
  stream.resume()
  if (!stream.closed) await once(stream, 'close')
  return end
}

describe('a call', () => {
  test.each([0, 1, 16_384, MAX_BYTES])('of %d bytes is answered', async (length) => {
    const message = Buffer.alloc(length, 7)
    expect(await call('/test/Echo', message)).toEqual(message)
  })

  test('of one byte more than the limit is not read, and the connection goes on', async () => {
    await expect(call('/test/Echo', Buffer.alloc(MAX_BYTES + 1))).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
    })
    expect(await call('/test/Echo', Buffer.from('a'))).toEqual(Buffer.from('a'))
  })

  test('of a method that does not exist is unimplemented', async () => {
    for (const method of ['/test/None', '/__proto__', '/constructor']) {
      await expect(call(method, Buffer.alloc(3))).rejects.toMatchObject({
        code: status.UNIMPLEMENTED,
      })
    }
  })

  test('more of them than a connection may have at once wait, and are answered', async () => {
    const message = Buffer.from('b')
    const answers = Array.from({ length: 50 }, () => call('/test/Echo', message))
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 50 }, () => message))
  })

  test('whose deadline passes ends, and what is answered then goes nowhere', async () => {
    expect(
      await raw([framed(Buffer.alloc(1))], { ':path': '/test/Never', 'grpc-timeout': '50m' }),
    ).toBe('4')
    expect(waiting).toHaveLength(1)
    for (const late of waiting.splice(0)) {
      late.answer(Buffer.from('late'))
      late.fail(13, 'late')
      expect(late.timeoutMs).toBeLessThanOrEqual(0)
    }
    expect(await call('/test/Echo', Buffer.from('c'))).toEqual(Buffer.from('c'))
  })

  test('whose peer goes away does no harm', async () => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/test/Never',
      'content-type': 'application/grpc',
    })
    stream.end(framed(Buffer.from('d')))
    await until(() => waiting.length === 1, 5000)
    stream.close(8)
    await once(stream, 'close')
    for (const gone of waiting.splice(0)) gone.answer(Buffer.from('e'))
    expect(await call('/test/Echo', Buffer.from('f'))).toEqual(Buffer.from('f'))
  })
})

describe('on the wire', () => {
  const message = framed(Buffer.from('hello'))

  test('a message in pieces is one message', async () => {
    expect(await raw([...message].map((byte) => Buffer.from([byte])))).toBe('0')
  })

  test.each<readonly [string, readonly Buffer[], string]>([
    ['nothing', [], '13'],
    ['half a prefix', [message.subarray(0, 3)], '13'],
    ['half a message', [message.subarray(0, 7)], '13'],
    ['two messages', [message, message], '13'],
    ['a length of 4 GiB', [Buffer.from('00ffffffff', 'hex')], '13'],
    ['a compressed message', [Buffer.concat([Buffer.from([1]), message.subarray(1)])], '12'],
  ])('%s is refused', async (_, frames, code) => {
    expect(await raw(frames)).toBe(code)
  })

  test.each<readonly [string, Readonly<Record<string, string>>, string]>([
    ['another content type', { 'content-type': 'application/json' }, '415'],
    ['gRPC-Web', { 'content-type': 'application/grpc-web' }, '415'],
    ['a patience that is no number', { 'grpc-timeout': 'soon' }, '13'],
    ['no patience at all', { 'grpc-timeout': '0n', ':path': '/test/Never' }, '4'],
  ])('%s is refused', async (_, headers, code) => {
    expect(await raw([message], headers)).toBe(code)
    waiting.length = 0
  })

  test('what is no HTTP/2 closes its connection alone', async () => {
    const socket = connectSocket(path)
    socket.on('error', () => {})
    socket.end('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    socket.resume()
    await once(socket, 'close')
    expect(await raw([message])).toBe('0')
  })
})

test.each([
  ['1500m', 1500],
  ['2S', 2000],
  ['1M', 60_000],
  ['1H', 3_600_000],
  ['500u', 0.5],
  ['99999999H', Number.POSITIVE_INFINITY],
  [undefined, Number.POSITIVE_INFINITY],
  ['', undefined],
  ['-1m', undefined],
  ['123456789m', undefined],
  ['1m ', undefined],
])('a patience of %s is %p ms', (text, ms) => {
  expect(readTimeout(text)).toBe(ms)
})

test('a watcher of health is told of the end, and a stop finishes what is under way', async () => {
  const seen: number[] = []
  const watch = client.makeServerStreamRequest(
    '/grpc.health.v1.Health/Watch',
    same,
    same,
    Buffer.alloc(0),
  )
  watch.on('data', (bytes: Buffer) => seen.push(bytes[1] ?? 0))
  await until(() => seen.length === 1, 5000)
  const late = call('/test/Never', Buffer.from('g'))
  await until(() => waiting.length === 1, 5000)
  health.drain()
  const stopped = listener.stop(10_000)
  waiting.splice(0)[0]?.answer(Buffer.from('last'))
  expect(await late).toEqual(Buffer.from('last'))
  await stopped
  expect(seen).toEqual([1, 2])
  client.close()
  session.destroy()
})

function framed(message: Buffer): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}
