import { statSync } from 'node:fs'
import { policyContext } from '../../testkit/envoy-config.ts'
import { type EnvoyStack, startEnvoyStack } from '../../testkit/envoy-stack.ts'
import { freshToken } from '../../testkit/fresh-token.ts'
import { closeHttpCalls, httpCall } from '../../testkit/http-call.ts'
import { http2Call } from '../../testkit/http2-call.ts'
import { until } from '../../testkit/redis-server.ts'
import { valuesOf } from '../../testkit/seen.ts'
import { BASE_CONFIG } from '../../testkit/vectors.ts'

const POLICIES = {
  default: BASE_CONFIG,
  observe: { ...BASE_CONFIG, enforcement: 'observe' },
  anonymous: { ...BASE_CONFIG, anonymous: 'nobody' },
  preflight: { ...BASE_CONFIG, run_on_preflight: false },
}
const bearing = () => ['Authorization', `OathMesh ${freshToken()}`]

/** Every spelling by which an upstream could take a header for one of ours. */
const SPELLINGS = [
  'X-OathMesh-Subject',
  'x-oathmesh-subject',
  'X-OATHMESH-SUBJECT',
  'X-OathMesh-Tenant',
  'X-OathMesh-Decision',
  'X-OathMesh-New',
]
const UNDERSCORED = ['x_oathmesh_subject', 'X_OathMesh-Subject', 'x-oathmesh_decision']

let stack: EnvoyStack
/** One that lets names with underscores in, as Envoy does by default. */
let lax: EnvoyStack

beforeAll(async () => {
  stack = await startEnvoyStack({
    policies: POLICIES,
    change: (_, { route_config: { virtual_hosts: hosts } }) => {
      hosts.push({ ...hosts[0], name: 'unknown', domains: ['unknown.test'] })
      hosts.at(-1).typed_per_filter_config = policyContext('nobody-has-this')
    },
  })
  lax = await startEnvoyStack({
    policies: POLICIES,
    change: (_, manager) => {
      delete manager.common_http_protocol_options
      manager.upgrade_configs = [{ upgrade_type: 'websocket' }]
    },
  })
})
afterAll(async () => {
  closeHttpCalls()
  await stack.stop()
  await lax.stop()
})

function identity({ seen }: EnvoyStack): readonly string[] {
  const { headers } = seen.at(-1) ?? { headers: {} }
  return Object.keys(headers).filter((name) => /oathmesh/i.test(name))
}

describe.each(['default', 'observe', 'anonymous'])('with the policy %s', (policy) => {
  test.each([...SPELLINGS, ...UNDERSCORED])(
    'a spoofed %s is not what the upstream sees',
    async (name) => {
      for (const headers of [bearing(), policy === 'default' ? bearing() : []]) {
        const answer = await httpCall(lax.url, {
          headers: ['Host', `${policy}.test`, name, 'spoofed', name, 'twice', ...headers],
        })
        expect(answer.status).toBe(200)
        expect(JSON.stringify(lax.seen.at(-1)?.headers)).not.toMatch(/spoofed|twice/)
        expect(valuesOf(lax.seen.at(-1) as never, 'x-oathmesh-decision')).toHaveLength(1)
      }
    },
  )
})

describe.each([
  ['/healthz', 200],
  ['/', 401],
])('without a token, %s', (path, status) => {
  test.each([...SPELLINGS, ...UNDERSCORED])('%s does not get through', async (name) => {
    const before = lax.seen.length
    const answer = await httpCall(lax.url, { path, headers: [name, 'spoofed'] })
    expect(answer.status).toBe(status)
    expect(lax.seen.length - before).toBe(status === 200 ? 1 : 0)
    if (status === 200) expect(identity(lax)).toEqual([])
  })
})

describe('over HTTP/2', () => {
  test.each(SPELLINGS)('a spoofed %s is not what the upstream sees', async (name) => {
    const answer = await http2Call(stack.url, {
      headers: { [name.toLowerCase()]: 'spoofed', authorization: `OathMesh ${freshToken()}` },
    })
    expect(answer.status).toBe(200)
    expect(JSON.stringify(stack.seen.at(-1)?.headers)).not.toContain('spoofed')
  })

  test('a token passes once', async () => {
    const headers = { authorization: `OathMesh ${freshToken()}` }
    expect((await http2Call(stack.url, { headers })).status).toBe(200)
    const again = await http2Call(stack.url, { headers })
    expect([again.status, JSON.parse(again.text)]).toMatchObject([
      401,
      { error: 'replay_detected' },
    ])
  })
})

describe('a gRPC caller', () => {
  const call = (authority: string, headers: Record<string, string> = {}) =>
    http2Call(stack.url, {
      method: 'POST',
      path: '/inventory.Items/List',
      authority,
      headers: { 'content-type': 'application/grpc', te: 'trailers', ...headers },
      body: Buffer.from([0, 0, 0, 0, 0]),
    })

  test('with a token reaches the upstream, without spoofed headers', async () => {
    const authorization = `OathMesh ${freshToken()}`
    await call('default.test', { authorization, 'x-oathmesh-tenant': 'spoofed' })
    expect(stack.seen.at(-1)).toMatchObject({ url: '/inventory.Items/List' })
    expect(identity(stack)).not.toContain('x-oathmesh-tenant')
  })

  test.each([
    ['without a token', 'default.test', {}, '16', 'The request carries no OathMesh token.'],
    [
      'on a host without a policy of ours',
      'unknown.test',
      {},
      '14',
      'The policy of this API is not available.',
    ],
  ])('%s gets its status and a text', async (_, authority, headers, status, message) => {
    const before = stack.seen.length
    const answer = await call(authority, headers)
    expect(answer).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/grpc', 'grpc-status': status },
    })
    expect(decodeURIComponent(String(answer.headers['grpc-message']))).toBe(message)
    expect(stack.seen.length).toBe(before)
  })
})

describe('what Envoy refuses before our service is asked', () => {
  test.each([
    ['an encoded slash', '/a%2Fb', []],
    ['an encoded backslash', '/a%5Cb', []],
    ['a name with an underscore', '/', ['x_oathmesh_subject', 'root']],
    ['a fragment', '/a#b', []],
  ])('%s', async (_, path, headers) => {
    const before = stack.seen.length
    const answer = await httpCall(stack.url, { path, headers: [...headers, ...bearing()] })
    expect(answer.status).toBe(400)
    expect(stack.seen.length).toBe(before)
  })
})

describe('an upgrade', () => {
  test.each([
    'x-oathmesh-subject',
    'x_oathmesh_subject',
    'authorization',
    'content-length',
    'transfer-encoding',
  ])('whose Connection names %s is refused', async (name) => {
    const before = lax.seen.length
    const answer = await httpCall(lax.url, {
      headers: [
        'Host',
        'default.test',
        'Connection',
        `Upgrade, ${name}`,
        'Upgrade',
        'websocket',
        ...bearing(),
      ],
    })
    expect(answer.status).toBe(400)
    expect(lax.seen.length).toBe(before)
  })
})

describe('a refusal', () => {
  test('is the same as Kong’s', async () => {
    const answer = await httpCall(stack.url, {})
    expect(answer).toMatchObject({
      status: 401,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        'www-authenticate': 'OathMesh realm="kong"',
      },
    })
    expect(JSON.parse(answer.text)).toMatchObject({
      error: 'claim_missing:token',
      request_id: expect.stringMatching(/^[\w-]{36}$/),
      audience: BASE_CONFIG.audience,
    })
  })

  test('of HEAD has no body', async () => {
    expect(await httpCall(stack.url, { method: 'HEAD' })).toMatchObject({ status: 401, text: '' })
  })

  test('is in the access log, with its reason', async () => {
    await httpCall(stack.url, { headers: ['Authorization', 'Basic eA=='] })
    await until(() => stack.envoy.output().includes('"reason":"scheme_unsupported"'), 20_000)
  })

  test('of two Authorization fields says so', async () => {
    const answer = await httpCall(stack.url, { headers: [...bearing(), ...bearing()] })
    expect(JSON.parse(answer.text)).toMatchObject({ error: 'claim_missing:token' })
  })

  test('of a route whose policy nobody has configured names it in the log', async () => {
    const nobody = await startEnvoyStack({
      policies: { other: BASE_CONFIG },
    })
    try {
      const answer = await httpCall(nobody.url, { headers: bearing() })
      expect([answer.status, nobody.seen]).toEqual([503, []])
      expect(nobody.service.errors).toMatch(/oathmesh="default" configured="other"/)
    } finally {
      await nobody.stop()
    }
  })
})

test('a preflight passes where the policy says so, without an identity', async () => {
  const headers = ['Host', 'preflight.test', 'X-OathMesh-Subject', 'root']
  expect((await httpCall(stack.url, { method: 'OPTIONS', headers })).status).toBe(200)
  expect(identity(stack)).toEqual(['x-oathmesh-decision'])
})

test('the service lets nobody but its owner connect', () => {
  expect(statSync(stack.service.socketPath).mode & 0o777).toBe(0o600)
})

test('the audit lines say which gateway they are of', () => {
  const lines = stack.service.output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.length).toBeGreaterThan(10)
  expect(new Set(lines.map(({ gateway }) => gateway))).toEqual(new Set(['envoy']))
})
