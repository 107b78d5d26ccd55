import { LAST_STEP } from '../../../lib/denial.ts'
import { silentLog } from '../../../lib/ports/log.ts'
import type { Handler } from '../../../plugins/oathmesh/handler.ts'
import { type FakeKong, type FakeRequest, fakeKong } from '../../../testkit/fake-kong.ts'
import { pluginHandler } from '../../../testkit/plugin-handler.ts'
import { BASE_CONFIG, cook, type Recipe } from '../../../testkit/vectors.ts'

let ids = 0
const token = (recipe: Recipe = {}) => cook(recipe, `jti-${++ids}`)
const bearing = (text: string) => ({ authorization: [`OathMesh ${text}`] })

const TO_KONGS_LOG = { audit: { sink: 'kong' } }

function handler(config: object = {}, log = silentLog): Handler {
  return pluginHandler({ audit: { sink: 'none' }, ...config }, log)
}

async function access(request: FakeRequest, on = handler(), faults = {}): Promise<FakeKong> {
  const kong = fakeKong(request, faults)
  await on.access(kong)
  return kong
}

const names = ({ calls }: FakeKong) => calls.map(([name]) => name)
const upstream = ({ calls }: FakeKong) => calls.find(([name]) => name.endsWith('set_headers'))?.[1]
const exit = ({ calls }: FakeKong) => {
  const [, status, body, headers] = calls.find(([name]) => name === 'response.exit') ?? []
  return {
    status,
    body: body as Record<string, unknown>,
    headers: headers as Record<string, string>,
  }
}

describe('an allowed call', () => {
  test('asks Kong twice when nothing is logged to Kong', async () => {
    const kong = await access({ headers: bearing(token()) })
    expect(names(kong)).toEqual(['request.get_headers', 'service.request.set_headers'])
  })

  test('asks Kong three times when Kong’s log is the sink', async () => {
    const kong = await access({ headers: bearing(token()) }, handler(TO_KONGS_LOG))
    expect(names(kong)).toEqual([
      'request.get_headers',
      'log.notice',
      'service.request.set_headers',
    ])
  })

  test('asks for the body and the request line only for a bound token', async () => {
    const strict = handler({ request_binding: { mode: 'strict' } })
    const rqh = 'sha256:bef00619479791d5e4837b46a76d749c86c78f3d7afb701dd0db9a964a5b38a2'
    const bound = {
      headers: { ...bearing(token({ claims: { rqh } })), 'content-length': ['0'] },
      target: '/v1/items',
    }
    expect(names(await access({ headers: bearing(token()) }, strict))).toHaveLength(2)
    expect(names(await access(bound, strict))).toEqual([
      'request.get_headers',
      'request.get_method',
      'request.get_path_with_query',
      'service.request.set_headers',
    ])
  })

  test('reaches the upstream with the identity and without the token', async () => {
    expect(
      upstream(await access({ headers: bearing(token({ claims: { jti: 'id-1' } })) })),
    ).toEqual({
      authorization: [],
      'X-OathMesh-Subject': 'agent://repo/acme/deploy-bot',
      'X-OathMesh-Action': 'inventory.write',
      'X-OathMesh-Token-ID': 'id-1',
      'X-OathMesh-Issuer': 'https://issuer.example.test',
      'X-OathMesh-Decision': 'allow',
    })
  })

  test('drops what the client sent under our names, in every spelling', async () => {
    const spoofed = {
      'x-oathmesh-tenant': ['evil'],
      x_oathmesh_subject: ['evil'],
      'x-oathmesh_scope': ['evil', 'twice'],
      'x-oathmesh-decision': ['allow'],
    }
    expect(
      upstream(await access({ headers: { ...bearing(token()), ...spoofed, 'x-trace': ['1'] } })),
    ).toMatchObject({
      'x-oathmesh-tenant': [],
      x_oathmesh_subject: [],
      'x-oathmesh_scope': [],
      'X-OathMesh-Decision': 'allow',
    })
  })

  // Kong sets headers in no particular order: a removal could win over the value.
  test('names no header twice, whatever the client sent', async () => {
    const spoofed = Object.fromEntries(
      ['decision', 'subject', 'action', 'token-id', 'issuer', 'tenant'].map((name) => [
        `x-oathmesh-${name}`,
        ['evil'],
      ]),
    )
    const kong = await access({ headers: { ...bearing(token()), ...spoofed } })
    const headers = upstream(kong) as Readonly<Record<string, unknown>>
    const names = Object.keys(headers).map((name) => name.toLowerCase())
    expect(names).toHaveLength(new Set(names).size)
    expect(headers).toMatchObject({ 'X-OathMesh-Subject': 'agent://repo/acme/deploy-bot' })
  })

  test('sets every header that was asked for and has a value', async () => {
    const all = {
      identity_headers: [
        'subject',
        'env',
        'tenant',
        'scope',
        'source',
        'delegated_by',
        'expires_at',
        'reason',
      ],
    }
    const claims = {
      env: 'prod',
      scope: ['a.read', 'b write'],
      src: { type: 'github_actions', repo: 'acme/storefront' },
      delegated_by: 'user://ann',
      reason: 'Übernahme 100 %\r\nX-Evil: 1',
    }
    const headers = upstream(await access({ headers: bearing(token({ claims })) }, handler(all)))
    expect(headers).toMatchObject({
      'X-OathMesh-Env': 'prod',
      'X-OathMesh-Scope': 'a.read b%20write',
      'X-OathMesh-Source': 'github_actions:acme/storefront',
      'X-OathMesh-Delegated-By': 'user://ann',
      'X-OathMesh-Expires-At': '1774911120',
      'X-OathMesh-Reason': '%C3%9Cbernahme%20100%20%25%0D%0AX-Evil:%201',
    })
    expect(headers).not.toHaveProperty('X-OathMesh-Tenant')
    expect(headers).not.toHaveProperty('X-OathMesh-Action')
  })

  test('survives a claim that is not well-formed Unicode', async () => {
    const payload = {
      payload_text: JSON.stringify({
        iss: 'https://issuer.example.test',
        sub: 'svc://a',
        aud: 'https://inventory.internal',
        act: 'x\ud800',
        iat: 1_774_911_000,
        exp: 1_774_911_120,
        jti: 'lone',
      }),
    }
    expect(upstream(await access({ headers: bearing(token(payload)) }))).toMatchObject({
      'X-OathMesh-Action': 'x%EF%BF%BD',
    })
  })
})

describe('round trips, where what is asked together travels together', () => {
  const rqh = 'sha256:bef00619479791d5e4837b46a76d749c86c78f3d7afb701dd0db9a964a5b38a2'

  // biome-ignore format: reads as a table
  test.each<[string, object, FakeRequest, string[][]]>([
    ['an allowed call, no sink', {}, { headers: bearing(token()) }, [
      ['request.get_headers'],
      ['service.request.set_headers'],
    ]],
    ['an allowed call, Kong’s log', TO_KONGS_LOG, { headers: bearing(token()) }, [
      ['request.get_headers'],
      ['log.notice', 'service.request.set_headers'],
    ]],
    ['an allowed call, all context and for other log plugins', { audit: { sink: 'kong', context: 'full', serialize: true } }, { headers: bearing(token()) }, [
      ['request.get_headers', 'nginx.get_var', 'client.get_forwarded_ip', 'request.get_method', 'request.get_path_with_query', 'router.get_route', 'router.get_service'],
      ['log.notice', 'log.set_serialize_value', 'service.request.set_headers'],
    ]],
    ['an allowed call with a consumer', { ...TO_KONGS_LOG, consumer: { by: 'subject' } }, { headers: bearing(token()), consumers: { 'agent://repo/acme/deploy-bot': { id: 'c-1' } } }, [
      ['request.get_headers'],
      ['client.load_consumer'],
      ['client.authenticate', 'log.notice', 'service.request.set_headers'],
    ]],
    ['a bound call', { ...TO_KONGS_LOG, request_binding: { mode: 'strict' } }, { headers: { ...bearing(token({ claims: { rqh } })), 'content-length': ['0'] }, target: '/v1/items' }, [
      ['request.get_headers'],
      ['request.get_method', 'request.get_path_with_query'],
      ['log.notice', 'service.request.set_headers'],
    ]],
    ['a refused call', TO_KONGS_LOG, { headers: bearing('abc') }, [
      ['request.get_headers'],
      ['nginx.get_var', 'client.get_forwarded_ip'],
      ['log.notice', 'response.exit'],
    ]],
    ['a refused call, all context', { audit: { sink: 'kong', context: 'full' } }, { headers: bearing('abc') }, [
      ['request.get_headers', 'nginx.get_var', 'client.get_forwarded_ip', 'request.get_method', 'request.get_path_with_query', 'router.get_route', 'router.get_service'],
      ['log.notice', 'response.exit'],
    ]],
    ['a call that others have authenticated', { consumer: { by: 'subject' }, anonymous: 'nobody', run_on_preflight: false }, { credential: { id: 'k' } }, [
      ['request.get_headers'],
      ['request.get_method', 'client.get_credential'],
      ['client.get_consumer'],
      ['service.request.set_headers'],
    ]],
  ])('%s', async (_, config, request, turns) => {
    expect((await access(request, handler(config))).turns).toEqual(turns)
  })
})

describe('the token id', () => {
  test('is the last of the headers, after whatever is removed', async () => {
    const all = {
      identity_headers: ['token_id', 'subject', 'expires_at'],
      consumer: { by: 'subject' },
    }
    const headers = { ...bearing(token()), 'x-oathmesh-zone': ['1'], 'x-consumer-id': ['2'] }
    const consumers = { 'agent://repo/acme/deploy-bot': { id: 'c-1', username: 'bot' } }
    const kong = await access({ headers, consumers }, handler(all))
    expect(Object.keys(upstream(kong) as object).at(-1)).toBe('X-OathMesh-Token-ID')
  })
})

describe('a body', () => {
  const bound = (rqh: string) => ({ ...bearing(token({ claims: { rqh } })) })
  const strict = { request_binding: { mode: 'body', max_body_bytes: 10 } }
  const tooLarge = Object.assign(new Error('too large'), { code: 'ERR_BODY_OVER_LIMIT' })
  const rqh = `sha256:${'0'.repeat(64)}`

  test.each<[string, object, object]>([
    ['announced as over the limit', { 'content-length': ['11'] }, {}],
    ['found to be over the limit by the plugin server', {}, { 'request.get_raw_body': tooLarge }],
  ])('%s is 413', async (_, headers, faults) => {
    const request = { headers: { ...bound(rqh), ...headers } }
    const { status } = exit(await access(request, handler(strict), faults))
    expect(status).toBe(413)
  })

  test('over the limit passes while observing, and is audited', async () => {
    const observe = handler({ ...strict, ...TO_KONGS_LOG, enforcement: 'observe' })
    const kong = await access({ headers: bound(rqh) }, observe, {
      'request.get_raw_body': tooLarge,
    })
    expect(upstream(kong)).toMatchObject({ 'X-OathMesh-Decision': 'observe' })
    const [, line] = kong.calls.find(([name]) => name === 'log.notice') ?? []
    expect(JSON.parse(String(line))).toMatchObject({ reason: 'body_over_limit', enforced: false })
  })

  test('that cannot be read for another reason is a fault', async () => {
    const fault = { 'request.get_raw_body': new Error('gone') }
    const { status, body } = exit(await access({ headers: bound(rqh) }, handler(strict), fault))
    expect([status, body['error']]).toEqual([401, 'verification_failed'])
  })
})

describe('a refused call', () => {
  test('asks for request id and client address, then exits', async () => {
    const kong = await access({ headers: bearing('abc') }, handler(TO_KONGS_LOG))
    expect(names(kong)).toEqual([
      'request.get_headers',
      'nginx.get_var',
      'client.get_forwarded_ip',
      'log.notice',
      'response.exit',
    ])
  })

  test('is answered from the table alone', async () => {
    const secret = token({ claims: { aud: 'https://secret.internal' } })
    const { status, body, headers } = exit(await access({ headers: bearing(secret) }))
    expect(status).toBe(401)
    expect(body).toEqual({
      error: 'audience_mismatch',
      message: 'The token is meant for another audience.',
      fix: 'Mint the token for the audience of this API.',
      step: 10,
      request_id: '4748dd65c3f2a4305977e8f620de86e7',
      issuer: ['https://issuer.example.test', 'https://second.example.test'],
      audience: 'https://inventory.internal',
      binding: 'off',
    })
    expect(headers).toEqual({
      'Content-Type': 'application/json',
      'Cache-Control': 'no-store',
      'WWW-Authenticate': 'OathMesh realm="kong"',
    })
  })

  test('tells nothing of the configuration with challenge: minimal', async () => {
    const { body } = exit(await access({}, handler({ challenge: 'minimal' })))
    expect(Object.keys(body)).toEqual(['error', 'message', 'fix', 'request_id'])
  })

  test('names the one issuer as text, and the mode of request binding', async () => {
    const [issuer] = BASE_CONFIG.issuers
    const config = { issuers: [issuer], request_binding: { mode: 'strict' } }
    expect(exit(await access({}, handler(config))).body).toMatchObject({
      issuer: 'https://issuer.example.test',
      binding: 'strict',
    })
  })

  test('tells what to mint with 401 alone', async () => {
    const rules = { policy: { rules: [{ name: 'none', allow: false }] } }
    const { body } = exit(await access({ headers: bearing(token()) }, handler(rules)))
    expect(body).not.toHaveProperty('issuer')
  })

  test('is refused all the same when its line cannot be written', async () => {
    const error = jest.fn()
    const kong = await access({}, handler(TO_KONGS_LOG, { ...silentLog, error }), {
      'log.notice': new Error('gone'),
    })
    expect(exit(kong).status).toBe(401)
    await new Promise(setImmediate)
    expect(error).toHaveBeenCalledWith(expect.stringContaining('not written'), expect.anything())
  })

  test('has no step when there was no token', async () => {
    expect(exit(await access({})).body).not.toHaveProperty('step')
  })

  test('has no challenge with 403', async () => {
    const rules = { policy: { rules: [{ name: 'none', allow: false }] } }
    const { status, headers } = exit(await access({ headers: bearing(token()) }, handler(rules)))
    expect(status).toBe(403)
    expect(headers).not.toHaveProperty('WWW-Authenticate')
  })

  test('is refused when there are more headers than Kong shows', async () => {
    const headers = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`h${at}`, ['1']]))
    const { status, body } = exit(await access({ headers: { ...headers, ...bearing(token()) } }))
    expect([status, body['error']]).toEqual([400, 'verification_failed'])
  })
})

describe('a fault', () => {
  test.each([
    ['headers cannot be read', 'request.get_headers', 401],
    ['identity headers cannot be set', 'service.request.set_headers', 401],
    ['the audit line cannot be written', 'log.notice', 401],
  ])('refuses when %s', async (_, method, status) => {
    const kong = await access({ headers: bearing(token()) }, handler(TO_KONGS_LOG), {
      [method]: new Error('gone'),
    })
    expect(exit(kong)).toMatchObject({ status, body: { error: 'verification_failed' } })
  })

  test('never rejects, even when Kong takes no answer', async () => {
    const kong = fakeKong({})
    const dead = new Proxy(kong, {
      get() {
        throw new Error('gone')
      },
    })
    await expect(handler().access(dead)).resolves.toBeUndefined()
  })

  test('is told to the operator with its request and not to the client', async () => {
    const error = jest.fn()
    const kong = await access({}, handler({}, { ...silentLog, error }), {
      'request.get_headers': new Error('secret detail'),
    })
    expect(JSON.stringify(exit(kong))).not.toContain('secret')
    expect(error).toHaveBeenCalledWith(
      expect.any(String),
      expect.objectContaining({ cause: expect.stringContaining('secret detail') as unknown }),
    )
  })

  test('waiting for a body without end is a refusal in time', async () => {
    const strict = handler({ request_binding: { mode: 'strict' }, deadline_ms: 20 })
    const kong = fakeKong({
      headers: bearing(token({ claims: { rqh: `sha256:${'0'.repeat(64)}` } })),
    })
    const slow = {
      ...kong,
      request: { ...kong.request, get_raw_body: () => new Promise<never>(() => {}) },
    }
    await strict.access(slow)
    expect(exit(kong)).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } })
  })
})

describe('the audit line', () => {
  const lineOf = ({ calls }: FakeKong) =>
    JSON.parse(String(calls.find(([name]) => name === 'log.notice')?.[1])) as Record<
      string,
      unknown
    >

  test('of an allowed call', async () => {
    const kong = await access(
      { headers: bearing(token({ claims: { jti: 'id-7', env: 'prod' } })) },
      handler(TO_KONGS_LOG),
    )
    expect(lineOf(kong)).toEqual({
      ts: '2026-03-30T22:51:00.000Z',
      event: 'allow',
      step: LAST_STEP,
      jti: 'id-7',
      sub: 'agent://repo/acme/deploy-bot',
      act: 'inventory.write',
      iss: 'https://issuer.example.test',
      aud: 'https://inventory.internal',
      kid: 'issuer-key-2026-04-a3f1',
      env: 'prod',
      verified: true,
      us: expect.any(Number) as unknown,
    })
  })

  test('of a refused call marks claims that nothing proves', async () => {
    const kong = await access(
      { headers: bearing(token({ key: 'stranger' })) },
      handler(TO_KONGS_LOG),
    )
    expect(lineOf(kong)).toMatchObject({
      event: 'deny',
      step: 6,
      reason: 'bad_signature',
      code: 'signature_invalid',
      status: 401,
      verified: false,
      enforced: true,
      src_ip: '10.0.4.99',
      request_id: '4748dd65c3f2a4305977e8f620de86e7',
    })
  })

  test('never holds the token or its signature', async () => {
    const secret = token({ key: 'stranger' })
    const kong = await access({ headers: bearing(secret) }, handler(TO_KONGS_LOG))
    const line = JSON.stringify(lineOf(kong))
    for (const part of secret.split('.')) expect(line).not.toContain(part)
  })

  test('names method, path without query, route and service when all context is wanted', async () => {
    const full = handler({ audit: { sink: 'kong', context: 'full' } })
    const kong = await access(
      { headers: bearing(token()), method: 'POST', target: '/v1/items?key=secret' },
      full,
    )
    expect(lineOf(kong)).toMatchObject({
      method: 'POST',
      path: '/v1/items',
      route: 'items',
      service: 's-1',
    })
  })

  test('has its members in the documented order', async () => {
    const full = handler({
      audit: { sink: 'kong', context: 'full' },
      policy: { rules: [{ name: 'none', allow: false }] },
    })
    const kong = await access(
      { headers: bearing(token({ claims: { env: 'e', tenant: 't' } })) },
      full,
    )
    expect(Object.keys(lineOf(kong))).toEqual(
      'ts event step reason jti sub act iss aud kid env tenant rule code status verified enforced request_id src_ip method path route service us'.split(
        ' ',
      ),
    )
  })
})
