import { type BoundMode, requestHash } from '../../lib/binding/request-hash.ts'
import type { EnvoyConfig } from '../../testkit/envoy-config.ts'
import { filterOf } from '../../testkit/envoy-config.ts'
import { type EnvoyStack, startEnvoyStack } from '../../testkit/envoy-stack.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { http2Call } from '../../testkit/http2-call.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const MIB = 1_048_576
const MODES: readonly BoundMode[] = ['body', 'method_path_body', 'strict']
const binding = (mode: BoundMode, more: object = {}) => ({
  ...BASE_CONFIG,
  request_binding: { mode, required: 'all', ...more },
})
const POLICIES = {
  ...Object.fromEntries(MODES.map((mode) => [mode, binding(mode)])),
  unsafe: binding('strict', { required: 'unsafe' }),
  voluntary: binding('strict', { required: 'none' }),
  small: binding('strict', { max_body_bytes: 1000 }),
}

let stack: EnvoyStack
beforeAll(async () => {
  stack = await startEnvoyStack({
    policies: POLICIES,
    change: (_, manager) => {
      manager.upgrade_configs = [{ upgrade_type: 'websocket' }]
    },
  })
})
afterAll(async () => {
  closeHttpCalls()
  await stack.stop()
})

const AUTH = 'Authorization'

/** A credential for exactly this request, of any HTTP version. */
function boundTo(mode: BoundMode, method: string, path: string, body: Uint8Array): string {
  const [rawPath = '', rawQuery = ''] = path.split('?')
  const rqh = requestHash(mode, { method, rawPath, rawQuery }, body)
  return `OathMesh ${freshToken({ rqh })}`
}

const bytes = (length: number) => Buffer.alloc(length, 'åé\0\xff', 'latin1')

describe.each(MODES)('mode %s', (mode) => {
  test.each([0, 1, 16_384, 16_385, MIB - 1, MIB])('binds a body of %d bytes', async (length) => {
    const body = bytes(length)
    const path = '/orders?a=1'
    const headers = ['Host', `${mode}.test`]
    const call = (authorization: string, sent = body) =>
      httpCall(stack.url, {
        method: 'POST',
        path,
        headers: [...headers, AUTH, authorization],
        body: sent,
      })
    const good = boundTo(mode, 'POST', path, body)
    const bad = boundTo(mode, 'POST', path, body)
    const answer = await call(good)
    expect(answer.status).toBe(200)
    expect(stack.seen.at(-1)?.body).toBe(body.toString('latin1'))
    const altered =
      length === 0 ? Buffer.from('x') : Buffer.concat([body.subarray(1), Buffer.from('x')])
    expect((await call(bad, altered)).status).toBe(401)
  })
})

test('binds a body over HTTP/2', async () => {
  for (const body of [Buffer.alloc(0), bytes(10), bytes(MIB)]) {
    const authorization = boundTo('strict', 'POST', '/a', body)
    const call = { method: 'POST', path: '/a', authority: 'strict.test', body }
    expect(await http2Call(stack.url, { ...call, headers: { authorization } })).toMatchObject({
      status: 200,
    })
  }
})

test('a request without a body is bound to none', async () => {
  const authorization = boundTo('strict', 'GET', '/a', Buffer.alloc(0))
  const headers = ['Host', 'strict.test', AUTH, authorization]
  expect((await httpCall(stack.url, { path: '/a', headers })).status).toBe(200)
})

test.each(['strict', 'unsafe'])(
  'an unbound POST is refused where %s wants it bound',
  async (name) => {
    const headers = ['Host', `${name}.test`, AUTH, `OathMesh ${freshToken()}`]
    const answer = await httpCall(stack.url, { method: 'POST', headers, body: bytes(3) })
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'binding_required' })
  },
)

test('a GET with a body is not a safe one', async () => {
  const call = (body: Buffer) =>
    httpCall(stack.url, {
      headers: ['Host', 'unsafe.test', AUTH, `OathMesh ${freshToken()}`],
      body,
    })
  expect((await call(Buffer.alloc(0))).status).toBe(200)
  expect((await call(bytes(1))).status).toBe(401)
})

describe('a body over the limit', () => {
  test('of Envoy is refused by Envoy', async () => {
    const body = bytes(MIB + 1)
    const headers = ['Host', 'strict.test', AUTH, boundTo('strict', 'POST', '/', body)]
    expect((await httpCall(stack.url, { method: 'POST', headers, body })).status).toBe(413)
  })

  test('of the policy is refused with 413', async () => {
    const body = bytes(1001)
    const headers = ['Host', 'small.test', AUTH, boundTo('strict', 'POST', '/', body)]
    const answer = await httpCall(stack.url, { method: 'POST', headers, body })
    expect([answer.status, JSON.parse(answer.text).error]).toEqual([413, 'binding_mismatch'])
  })

  test('in one frame of HTTP/2, which Envoy cuts short, is refused with 413', async () => {
    const limited = await startEnvoyStack({
      policies: POLICIES,
      change: (_, manager) => {
        filterOf(manager, 'envoy.filters.http.ext_authz').with_request_body.max_request_bytes = 1000
      },
    })
    try {
      const body = bytes(1500)
      for (const bound of [body, body.subarray(0, 1000)]) {
        const authorization = boundTo('strict', 'POST', '/', bound)
        const call = { method: 'POST', authority: 'strict.test', body }
        const answer = await http2Call(limited.url, { ...call, headers: { authorization } })
        expect(answer.status).toBe(413)
      }
      expect(limited.seen).toEqual([])
    } finally {
      await limited.stop()
    }
  })
})

describe('an upgrade', () => {
  const upgrade = ['Connection', 'Upgrade', 'Upgrade', 'websocket']

  test.each([
    ['strict', 'a bound', () => boundTo('strict', 'GET', '/', Buffer.alloc(0))],
    ['strict', 'an unbound', () => `OathMesh ${freshToken()}`],
    ['unsafe', 'an unbound', () => `OathMesh ${freshToken()}`],
    ['voluntary', 'a bound', () => boundTo('strict', 'GET', '/', Buffer.alloc(0))],
  ])('on %s with %s token is refused', async (name, _, credential) => {
    const before = stack.seen.length
    const headers = ['Host', `${name}.test`, AUTH, credential(), ...upgrade]
    const answer = await httpCall(stack.url, { headers })
    expect([answer.status, stack.seen.length]).toEqual([401, before])
  })
})

describe.each<readonly [string, (config: EnvoyConfig, manager: EnvoyConfig) => void]>([
  [
    'that does not buffer',
    (_, manager) => {
      delete filterOf(manager, 'envoy.filters.http.ext_authz').with_request_body
    },
  ],
  [
    'that alters bodies',
    (_, manager) => {
      filterOf(manager, 'envoy.filters.http.ext_authz').with_request_body.pack_as_bytes = false
    },
  ],
])('a filter %s', (_, change) => {
  let broken: EnvoyStack
  beforeAll(async () => {
    broken = await startEnvoyStack({ policies: POLICIES, change })
  })
  afterAll(() => broken.stop())

  test.each([
    ['the body it has', bytes(20), bytes(20)],
    ['no body', bytes(20), Buffer.alloc(0)],
  ])('lets nothing through that is bound to %s', async (_name, body, bound) => {
    for (const extra of [[], ['x-envoy-auth-partial-body', 'false']]) {
      const headers = ['Host', 'strict.test', AUTH, boundTo('strict', 'POST', '/', bound), ...extra]
      const answer = await httpCall(broken.url, { method: 'POST', headers, body })
      expect([answer.status, broken.seen]).toEqual([401, []])
    }
  })
})
