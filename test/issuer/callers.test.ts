import { hashSecret } from '../../issuer/clients/secret-hash.ts'
import { ALLOW_BILLING, API, BILLING_TOKEN, basic, SECRET, TestIssuer } from './fixture.ts'

describe('a static client', () => {
  let issuer: TestIssuer
  const ask = (authorization: string) => issuer.mint(authorization, BILLING_TOKEN)

  beforeAll(async () => {
    issuer = await TestIssuer.start()
  })
  afterAll(() => issuer.stop())

  test('is known by name and secret, as Basic or Bearer', async () => {
    expect((await ask(basic())).status).toBe(200)
    expect((await ask(`bearer billing~${SECRET}`)).status).toBe(200)
  })

  test.each([
    ['a wrong secret', basic('billing', 'guess'), 403, 'mint_auth_denied'],
    ['an empty secret', basic('billing', ''), 403, 'mint_auth_denied'],
    ['a name nobody has', basic('root', SECRET), 403, 'mint_auth_denied'],
    ['a name of the prototype', basic('__proto__', SECRET), 403, 'mint_auth_denied'],
    ['a secret with more behind it', basic('billing', `${SECRET}x`), 403, 'mint_auth_denied'],
    ['no colon', `Basic ${Buffer.from('billing').toString('base64')}`, 401, 'mint_auth_invalid'],
    ['no name', `Basic ${Buffer.from(':x').toString('base64')}`, 401, 'mint_auth_invalid'],
    ['no base64', 'Basic !!!', 401, 'mint_auth_invalid'],
    ['an unknown scheme', `Digest ${SECRET}`, 401, 'mint_auth_invalid'],
    ['the secret alone', `Bearer ${SECRET}`, 401, 'oidc_token_malformed'],
  ])('is refused with %s', async (_, authorization, status, code) => {
    const { status: actual, json } = await ask(authorization)
    expect([actual, json['error']]).toEqual([status, code])
  })

  test('is refused without credentials, and told which there are', async () => {
    const answer = await issuer.call('/v1/token', { body: '{}' })
    expect(answer).toMatchObject({ status: 401, json: { error: 'mint_auth_required' } })
    expect(answer.headers['www-authenticate']).toContain('Bearer')
  })

  test('is refused with two Authorization headers', async () => {
    const headers = { authorization: [basic(), basic('root', 'x')] }
    const answer = await issuer.call('/v1/token', { headers, body: JSON.stringify(BILLING_TOKEN) })
    expect(answer.json['error']).toBe('mint_auth_invalid')
  })

  test('may have two secrets while one replaces the other', async () => {
    const secretHashes = await Promise.all([hashSecret('first'), hashSecret('second')])
    const own = await TestIssuer.start({ clients: [{ name: 'billing', secretHashes }] })
    for (const secret of ['second', 'first', 'second']) {
      expect((await own.mint(basic('billing', secret), BILLING_TOKEN)).status).toBe(200)
    }
    expect((await own.mint(basic('billing', 'third'), BILLING_TOKEN)).status).toBe(403)
    await own.stop()
  })

  test('is not kept waiting by those who guess', async () => {
    await ask(basic())
    const guesses = Array.from({ length: 60 }, (_, at) => ask(basic('billing', `guess ${at}`)))
    const { status } = await ask(basic())
    expect(status).toBe(200)
    const codes = (await Promise.all(guesses)).map(({ json }) => json['error'])
    // 2 are computed and 32 wait; whoever comes then is told to come again.
    expect(new Set(codes)).toEqual(new Set(['mint_auth_denied', 'mint_auth_busy']))
  }, 30_000)
})

describe('the mint policy', () => {
  let issuer: TestIssuer

  beforeAll(async () => {
    const hashes = [await hashSecret(SECRET)]
    issuer = await TestIssuer.start({
      clients: ['billing', 'ops', 'idle'].map((name) => ({ name, secretHashes: hashes })),
      rules: [
        { name: 'no prod', callers: ['client:*'], allow: false, match: { env: 'prod' } },
        { ...ALLOW_BILLING, maxTtlSeconds: 90 },
        {
          name: 'ops',
          callers: ['client:ops'],
          allow: true,
          match: {
            sub: 'user://*',
            aud: '*',
            act: '*',
            env: '*',
            tenant: 'acme',
            src: { type: 'console' },
          },
        },
      ],
    })
  })
  beforeEach(() => {
    issuer.audit.length = 0
  })
  afterAll(() => issuer.stop())

  const OPS = {
    sub: 'user://ann',
    aud: API,
    act: 'anything',
    env: 'dev',
    tenant: 'acme',
    src: { type: 'console', run_id: '7' },
  }

  test.each([
    ['billing', BILLING_TOKEN, 'billing'],
    ['billing', { ...BILLING_TOKEN, scope: ['inventory:read', 'inventory:write'] }, 'billing'],
    ['ops', OPS, 'ops'],
  ])('lets %s have %j', async (name, wanted, rule) => {
    expect((await issuer.mint(basic(name), wanted)).status).toBe(200)
    expect(issuer.audit).toMatchObject([{ event: 'mint', rule }])
  })

  test.each([
    [
      'another subject',
      'billing',
      { ...BILLING_TOKEN, sub: 'svc://acme/payroll' },
      'default',
      'sub',
    ],
    [
      'another audience',
      'billing',
      { ...BILLING_TOKEN, aud: 'https://payroll.internal' },
      'default',
      'aud',
    ],
    ['another action', 'billing', { ...BILLING_TOKEN, act: 'payroll.read' }, 'default', 'act'],
    [
      'a scope beyond the bound',
      'billing',
      { ...BILLING_TOKEN, scope: ['inventory:read', 'payroll:read'] },
      'billing',
      'scope',
    ],
    [
      'an environment the rule does not name',
      'billing',
      { ...BILLING_TOKEN, env: 'dev' },
      'billing',
      'env',
    ],
    [
      'a tenant the rule does not name',
      'billing',
      { ...BILLING_TOKEN, tenant: 'acme' },
      'billing',
      'tenant',
    ],
    [
      'a source the rule does not name',
      'billing',
      { ...BILLING_TOKEN, src: { type: 'github_actions' } },
      'billing',
      'src',
    ],
    [
      'a repository the rule does not name',
      'ops',
      { ...OPS, src: { type: 'console', repo: 'acme/x' } },
      'ops',
      'src.repo',
    ],
    ['a scope without a bound', 'ops', { ...OPS, scope: ['x'] }, 'ops', 'scope'],
    ['what an earlier rule denies', 'ops', { ...OPS, env: 'prod' }, 'no prod', undefined],
    ['what another caller may have', 'ops', BILLING_TOKEN, 'default', undefined],
    ['anything without a rule', 'idle', BILLING_TOKEN, 'default', undefined],
  ])('refuses %s', async (_, name, wanted, rule, field) => {
    const { status, json } = await issuer.mint(basic(name), wanted)
    expect([status, json['error'], json['field']]).toEqual([403, 'mint_denied', field])
    expect(issuer.audit).toMatchObject([{ event: 'refuse', caller: `client:${name}`, rule }])
  })

  test.each<[string, object, string | undefined, string]>([
    [
      'the one claim in the way to both',
      { ...BILLING_TOKEN, act: 'payroll.read' },
      'act',
      'nearest rule "billing": act is "payroll.read", not "inventory.*"',
    ],
    [
      'several claims to the audit alone',
      { ...BILLING_TOKEN, act: 'payroll.read', aud: 'https://payroll.internal' },
      undefined,
      `nearest rule "billing": act is "payroll.read", not "inventory.*"; aud is "https://payroll.internal", not "${API}"`,
    ],
  ])('names %s', async (_, wanted, field, detail) => {
    const { json, text } = await issuer.mint(basic(), wanted)
    expect([json['field'], issuer.audit.at(-1)]).toEqual([
      field,
      expect.objectContaining({ detail }),
    ])
    expect(text).not.toContain('inventory.*')
  })

  test.each([
    'svc://acme/../payroll',
    'svc://acme/.',
    'svc://acme//billing',
    'svc://acme/billing/',
    'svc:///',
    'agent:///',
    'agent://../../root',
    'svc://.',
  ])('refuses the subject %s, which the grammar allows', async (sub) => {
    const { status, json } = await issuer.mint(basic(), { ...BILLING_TOKEN, sub })
    expect([status, json['error'], json['field']]).toEqual([400, 'invalid_subject', 'sub'])
  })

  test('shortens a life that is asked for', async () => {
    const { json } = await issuer.mint(basic(), { ...BILLING_TOKEN, ttl_hint: 300 })
    expect(json['expires_in']).toBe(90)
  })

  test.each([
    [
      'a caller there is not',
      { callers: ['client:biling'] },
      'rules[0].callers[0]: fits no client',
    ],
    ['nothing to match', { match: {} }, 'rules[0].match: a rule that allows'],
  ])('does not start with %s', async (_, change, message) => {
    const rules = [{ ...ALLOW_BILLING, ...change }]
    await expect(TestIssuer.start({ rules })).rejects.toThrow(message)
  })
})
