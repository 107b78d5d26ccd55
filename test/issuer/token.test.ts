import { KeySchedule } from '../../issuer/keys/key-schedule.ts'
import { accepted, claimsOf } from './accepted.ts'
import { API, BILLING_TOKEN, basic, ISSUER, issuerKey, NOW, SECRET, TestIssuer } from './fixture.ts'

describe('POST /v1/token', () => {
  let issuer: TestIssuer
  const mint = (body: object | string) => issuer.mint(basic(), body)

  beforeAll(async () => {
    issuer = await TestIssuer.start()
  })
  beforeEach(() => {
    issuer.audit.length = 0
  })
  afterAll(() => issuer.stop())

  test('gives a token that the verifier of gateways accepts', async () => {
    const { status, json, headers } = await mint({ ...BILLING_TOKEN, scope: ['inventory:read'] })
    expect([status, json['expires_in'], json['token_type']]).toEqual([200, 120, 'OathMesh'])
    expect(headers['cache-control']).toBe('no-store')
    const verdict = await accepted(json['token'], { audience: API, now: NOW, keys: issuer.keys })
    expect(verdict).toMatchObject({
      outcome: 'allow',
      caller: { claims: { sub: 'svc://acme/billing' } },
    })
  })

  test('states all claims of the protocol', async () => {
    const rqh = `sha256:${'0'.repeat(64)}`
    const { json } = await mint({ ...BILLING_TOKEN, ttl_hint: 60, reason: 'nightly run', rqh })
    expect(claimsOf(json['token'])).toEqual({
      iss: ISSUER,
      ...BILLING_TOKEN,
      reason: 'nightly run',
      rqh,
      iat: NOW,
      nbf: NOW,
      exp: NOW + 60,
      jti: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-/),
    })
  })

  test.each([
    [undefined, 120],
    [null, 120],
    [0, 120],
    [-5, 120],
    [1, 1],
    [300, 300],
    [301, 300],
    [1e9, 300],
  ])('makes of the hint %p a life of %i s', async (ttl_hint, life) => {
    const { json } = await mint({ ...BILLING_TOKEN, ttl_hint })
    expect(json['expires_in']).toBe(life)
  })

  test.each([
    ['no JSON', '{', 'invalid_request', undefined],
    ['a list', '[]', 'invalid_request', undefined],
    ['null', 'null', 'invalid_request', undefined],
    ['nothing', '', 'invalid_request', undefined],
    [
      'a member twice',
      '{"sub":"svc://acme/billing","sub":"svc://acme/root"}',
      'invalid_request',
      undefined,
    ],
    [
      'a prototype',
      '{"__proto__":{"sub":"svc://acme/billing"},"aud":"a","act":"b"}',
      'invalid_request',
      undefined,
    ],
    [
      'an unknown member',
      { ...BILLING_TOKEN, delegated_by: 'user://eve' },
      'invalid_request',
      undefined,
    ],
    ['no audience', { ...BILLING_TOKEN, aud: '' }, 'claim_missing:aud', 'aud'],
    ['no action', { ...BILLING_TOKEN, act: null }, 'claim_missing:act', 'act'],
    ['no subject', { ...BILLING_TOKEN, sub: undefined }, 'claim_missing:sub', 'sub'],
    [
      'a subject with a space',
      { ...BILLING_TOKEN, sub: 'svc://acme/bill ing' },
      'invalid_subject',
      'sub',
    ],
    [
      'a subject with a line feed',
      { ...BILLING_TOKEN, sub: 'svc://acme/billing\n' },
      'invalid_request',
      'sub',
    ],
    [
      'a subject of a strange scheme',
      { ...BILLING_TOKEN, sub: 'http://acme' },
      'invalid_subject',
      'sub',
    ],
    ['a list of audiences', { ...BILLING_TOKEN, aud: [API] }, 'invalid_request', 'aud'],
    ['a long action', { ...BILLING_TOKEN, act: 'inventory.'.repeat(30) }, 'invalid_request', 'act'],
    ['a fraction of a second', { ...BILLING_TOKEN, ttl_hint: 1.5 }, 'invalid_request', 'ttl_hint'],
    ['a life in words', { ...BILLING_TOKEN, ttl_hint: '60' }, 'invalid_request', 'ttl_hint'],
    [
      'a scope that is a text',
      { ...BILLING_TOKEN, scope: 'inventory:read' },
      'invalid_request',
      'scope',
    ],
    ['a scope of numbers', { ...BILLING_TOKEN, scope: [1] }, 'invalid_request', 'scope'],
    [
      '65 scopes',
      { ...BILLING_TOKEN, scope: Array(65).fill('inventory:x') },
      'invalid_request',
      'scope',
    ],
    ['a bad request hash', { ...BILLING_TOKEN, rqh: 'sha256:00' }, 'invalid_request', 'rqh'],
    [
      'a reason with an escape',
      { ...BILLING_TOKEN, reason: '\u001b[31m' },
      'invalid_request',
      'reason',
    ],
    ['a source that is a text', { ...BILLING_TOKEN, src: 'github' }, 'invalid_request', 'src'],
    [
      'a source with more',
      { ...BILLING_TOKEN, src: { type: 'a', actor: 'b' } },
      'invalid_request',
      'src',
    ],
    [
      'more than a token may be',
      { ...BILLING_TOKEN, scope: Array(40).fill(`inventory:${'x'.repeat(240)}`) },
      'invalid_request',
      undefined,
    ],
  ])('refuses %s', async (_, body, code, field) => {
    const { status, json } = await mint(body)
    expect([status, json['error'], json['field']]).toEqual([400, code, field])
    expect(Object.keys(json)).toEqual([
      'error',
      'message',
      'fix',
      ...(field === undefined ? [] : ['field']),
      'request_id',
    ])
    expect(issuer.audit).toMatchObject([{ event: 'refuse', caller: 'client:billing', code }])
  })

  test('reads a Content-Type with a charset, and refuses another', async () => {
    const body = JSON.stringify(BILLING_TOKEN)
    const as = (type: string) =>
      issuer.call('/v1/token', { authorization: basic(), body, headers: { 'content-type': type } })
    expect((await as('application/json; charset=utf-8')).status).toBe(200)
    expect((await as('APPLICATION/JSON;charset="UTF-8"')).status).toBe(200)
    expect(await as('text/plain')).toMatchObject({
      status: 400,
      json: { error: 'invalid_content_type' },
    })
    expect(await as('application/x-www-form-urlencoded')).toMatchObject({
      json: { error: 'invalid_content_type' },
    })
  })

  test('refuses a body of more than 64 KiB', async () => {
    const { status, json } = await mint(
      JSON.stringify({ ...BILLING_TOKEN, reason: 'x'.repeat(65_536) }),
    )
    expect([status, json['error']]).toEqual([413, 'invalid_request'])
  })

  test('refuses invalid UTF-8', async () => {
    const body = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])
    const { json } = await issuer.call('/v1/token', { authorization: basic(), body })
    expect(json['error']).toBe('invalid_request')
  })

  test('echoes a request id that is one, and makes one otherwise', async () => {
    const ask = (id: string) =>
      issuer.call('/v1/token', { headers: { 'x-request-id': id }, body: '{}' })
    expect((await ask('req-1')).json['request_id']).toBe('req-1')
    const made = await ask('<script>')
    expect(made.json['request_id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(made.headers['x-request-id']).toBe(made.json['request_id'])
  })

  test('writes one line for a mint, without token or secret', async () => {
    const { json } = await mint({ ...BILLING_TOKEN, scope: ['inventory:read'] })
    expect(issuer.audit).toEqual([
      {
        ts: '2026-03-30T22:50:00.000Z',
        event: 'mint',
        caller: 'client:billing',
        jti: claimsOf(json['token'])['jti'],
        sub: 'svc://acme/billing',
        act: 'inventory.read',
        aud: API,
        kid: issuerKey('trusted').kid,
        scope: 'inventory:read',
        rule: 'billing',
        ttl: 120,
        status: 200,
        request_id: expect.any(String),
        src_ip: '127.0.0.1',
        route: 'POST /v1/token',
      },
    ])
    const line = JSON.stringify(issuer.audit)
    expect([line.includes(SECRET), line.includes(String(json['token']))]).toEqual([false, false])
  })

  test('answers 503 while there is no key to sign with', async () => {
    const { schedule } = issuer.keys
    issuer.keys.schedule = new KeySchedule([], 60)
    expect(await mint(BILLING_TOKEN)).toMatchObject({ status: 503, json: { error: 'mint_failed' } })
    expect(await issuer.call('/readyz')).toMatchObject({ status: 503, text: 'no signing key' })
    issuer.keys.schedule = schedule
  })
})
