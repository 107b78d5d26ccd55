import { RateLimit } from '../../../issuer/rate-limit.ts'
import { isSubject } from '../../../lib/token/subject.ts'
import { githubClaims, OidcProviderServer } from '../../../testkit/oidc-provider.ts'
import { accepted } from '../../issuer/accepted.ts'
import {
  API,
  BILLING_TOKEN,
  basic,
  githubProvider,
  issuerKey,
  NOW,
  TestIssuer,
} from '../../issuer/fixture.ts'

const ALLOW_ANY = { match: { sub: '*', aud: API, act: '*' }, allow: true } as const

test('W-29 a secret mints for its own client and what that client may, nothing else', async () => {
  const issuer = await TestIssuer.start()
  const ask = async (wanted: object) => (await issuer.mint(basic(), wanted)).status
  expect(await ask(BILLING_TOKEN)).toBe(200)
  expect(await ask({ ...BILLING_TOKEN, sub: 'svc://acme/root' })).toBe(403)
  expect(await ask({ ...BILLING_TOKEN, aud: 'https://other.internal' })).toBe(403)
  expect(await ask({ ...BILLING_TOKEN, act: 'users.delete' })).toBe(403)
  await issuer.stop()
})

test.each(['root', 'svc:/acme', 'svc://', 'svc://a b', 'SVC://a', `svc://${'a'.repeat(257)}`])(
  'W-31 a subject that verifiers refuse is not minted: %p',
  async (sub) => {
    const rules = [{ ...ALLOW_ANY, name: 'any', callers: ['client:billing'] }]
    const issuer = await TestIssuer.start({ rules })
    expect(isSubject(sub)).toBe(false)
    expect((await issuer.mint(basic(), { ...BILLING_TOKEN, sub })).status).toBe(400)
    await issuer.stop()
  },
)

describe('W-32', () => {
  test('the limit counts what it says', () => {
    const limit = new RateLimit({ perMinute: 30, burst: 4 }, () => 0)
    const taken = Array.from({ length: 50 }, () => limit.take('one').allowed)
    expect(taken.filter(Boolean)).toHaveLength(4)
  })

  test('and takes nobody else for the caller because a header says so', async () => {
    const issuer = await TestIssuer.start({ attemptLimit: { perMinute: 1, burst: 2 } })
    const statuses = []
    for (let at = 0; at < 4; at++) {
      const headers = { 'x-forwarded-for': `10.0.0.${at}`, 'x-real-ip': `10.0.0.${at}` }
      statuses.push((await issuer.call('/v1/token', { headers, body: '{}' })).status)
    }
    expect(statuses).toEqual([401, 401, 429, 429])
    await issuer.stop()
  })
})

test('W-33 an identity token is taken for its audience alone, and becomes a token that APIs take', async () => {
  const github = await OidcProviderServer.start()
  const issuer = await TestIssuer.start({
    providers: [githubProvider(github.issuer)],
    rules: [{ ...ALLOW_ANY, name: 'ci', callers: ['oidc:github'] }],
  })
  const wanted = { aud: API, act: 'inventory.deploy' }
  const exchange = (claims: Readonly<Record<string, unknown>>) =>
    issuer.mint(`Bearer ${github.token(claims)}`, wanted)
  const foreign = await exchange({ ...githubClaims(NOW), aud: 'https://github.com/acme' })
  expect(foreign.status).toBeGreaterThanOrEqual(401)
  const { status, json } = await exchange(githubClaims(NOW))
  expect(status).toBe(200)
  const receiver = { audience: API, now: NOW, keys: issuer.keys }
  expect(await accepted(json['token'], receiver)).toMatchObject({ outcome: 'allow' })
  await Promise.all([issuer.stop(), github.stop()])
})

test('W-34 two processes with one key have one kid, and other keys others', () => {
  expect(issuerKey('trusted').kid).toBe(issuerKey('trusted').kid)
  expect(issuerKey('trusted').kid).not.toBe(issuerKey('second').kid)
})
