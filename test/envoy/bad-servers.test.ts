import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { GrpcCall } from '../../envoy/grpc/grpc-call.ts'
import { GrpcListener } from '../../envoy/grpc/grpc-listener.ts'
import { Health } from '../../envoy/health.ts'
import { writeCheckResponse } from '../../envoy/wire/check-response.ts'
import { type Envoy, startEnvoy } from '../../testkit/envoy.ts'
import { shippedEnvoy } from '../../testkit/envoy-config.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { type Listening, listen } from '../../testkit/listen.ts'
import { echoInto, type Seen } from '../../testkit/seen.ts'

const PASS = writeCheckResponse({
  kind: 'ok',
  headers: [['x-oathmesh-subject', 'svc://a']],
  remove: [],
  metadata: { decision: 'allow' },
})
const DENY = writeCheckResponse({
  kind: 'denied',
  code: 7,
  httpStatus: 403,
  headers: [],
  body: 'no',
  metadata: { decision: 'deny' },
})
/** The status of an allow, alone: what is left of an answer whose members were misspelt. */
const STATUS_OK = Buffer.from([0x0a, 0])
const withoutMetadata = writeCheckResponse({ kind: 'ok', headers: [], remove: [], metadata: {} })

/** What a server under test answers with next. */
let answer: (call: GrpcCall) => void
const folder = mkdtempSync(join(tmpdir(), 'om-bad-'))
const socket = join(folder, 'bad.sock')
const seen: Seen[] = []
let server: GrpcListener
let upstream: Listening
let envoy: Envoy

beforeAll(async () => {
  const path = '/envoy.service.auth.v3.Authorization/Check'
  server = new GrpcListener({
    methods: { [path]: (_, call) => answer(call), ...new Health().methods },
    maxMessageBytes: 65_536,
    maxStreams: 100,
    tls: undefined,
  })
  await server.listen({ kind: 'unix', path: socket })
  upstream = await listen(createServer(echoInto(seen)))
  envoy = await startEnvoy(shippedEnvoy({ upstreamUrl: upstream.url, sockets: [socket] }))
})
afterAll(async () => {
  closeHttpCalls()
  await envoy.stop()
  await upstream.stop()
  await server.stop(0)
  rmSync(folder, { recursive: true })
})

test('a whole answer passes', async () => {
  answer = (call) => call.answer(PASS)
  expect((await httpCall(envoy.url(), {})).status).toBe(200)
  expect(seen.splice(0)).toHaveLength(1)
})

describe('refused is', () => {
  test.each<readonly [string, Buffer]>([
    ['an empty answer', Buffer.alloc(0)],
    ['a status alone', STATUS_OK],
    ['headers without a status or a decision', PASS.subarray(2, 40)],
    ['an allow without a decision', withoutMetadata],
    [
      'an allow that says deny',
      writeCheckResponse({ kind: 'ok', headers: [], remove: [], metadata: { decision: 'deny' } }),
    ],
    [
      'a decision of a name nobody knows',
      writeCheckResponse({
        kind: 'ok',
        headers: [],
        remove: [],
        metadata: { decision: 'allowed' },
      }),
    ],
    ['garbage', Buffer.from('ffffffffffffffffff', 'hex')],
    ['text', Buffer.from('{"status":{"code":0}}')],
    ['a denial', DENY],
    ['half a denial', DENY.subarray(0, DENY.length >> 1)],
    ['more than Envoy takes', Buffer.alloc(70_000)],
    [
      'a host of another name',
      writeCheckResponse({
        kind: 'ok',
        headers: [['host', 'evil']],
        remove: [],
        metadata: { decision: 'allow' },
      }),
    ],
    [
      'another path',
      writeCheckResponse({
        kind: 'ok',
        headers: [[':path', '/admin']],
        remove: [],
        metadata: { decision: 'allow' },
      }),
    ],
  ])('%s', async (_, bytes) => {
    answer = (call) => call.answer(bytes)
    const { status } = await httpCall(envoy.url(), { headers: ['Authorization', 'OathMesh x'] })
    expect(status).toBeGreaterThanOrEqual(403)
    expect(seen).toEqual([])
  })

  test('an allow cut short at any byte', async () => {
    for (let length = 0; length < PASS.length; length++) {
      answer = (call) => call.answer(PASS.subarray(0, length))
      await httpCall(envoy.url(), {})
      expect([length, seen.length]).toEqual([length, 0])
    }
  })

  test.each([2, 4, 7, 13, 14, 16])('an answer that is gRPC status %d', async (code) => {
    answer = (call) => call.fail(code, 'no')
    expect((await httpCall(envoy.url(), {})).status).toBe(503)
    expect(seen).toEqual([])
  })

  test('no answer at all', async () => {
    answer = () => {}
    expect((await httpCall(envoy.url(), {})).status).toBe(503)
    expect(seen).toEqual([])
  })
})

test('without the guard, an empty answer is an allow', async () => {
  const open = await startEnvoy(
    shippedEnvoy({ upstreamUrl: upstream.url, sockets: [socket] }, (_, manager) => {
      manager.http_filters = manager.http_filters.filter(
        ({ name }: { name: string }) => name !== 'envoy.filters.http.rbac',
      )
      delete manager.route_config.virtual_hosts[0].routes[0].typed_per_filter_config[
        'envoy.filters.http.rbac'
      ]
    }),
  )
  try {
    answer = (call) => call.answer(Buffer.alloc(0))
    expect((await httpCall(open.url(), {})).status).toBe(200)
  } finally {
    await open.stop()
  }
})
